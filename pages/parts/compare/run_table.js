// Draws the rows it is given and keeps their nodes while they change, so that focus, scroll and ticks stay put.

const drawn = new WeakMap();

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function drawing(tag, attributes) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

function text(node, value) {
  if (node.textContent !== value) node.textContent = value;
}

function when(iso, language) {
  const date = new Date(iso);
  const today = date.toDateString() === new Date().toDateString();
  const style = today ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" };
  return new Intl.DateTimeFormat(language, style).format(date);
}

function newRow(id) {
  const parts = {
    tick: element("input", { type: "checkbox" }),
    mark: drawing("svg", { class: "mark", viewBox: "0 0 28 4", "aria-hidden": "true" }),
    stroke: drawing("path", { d: "M0 2H28", "stroke-width": "3" }),
    link: element("a"),
    network: element("span", { class: "network" }),
    apart: element("span", { class: "apart" }),
    shared: element("span", { class: "shared" }),
    status: element("span", { class: "status" }),
    epochs: element("td", { class: "number epochs" }),
    loss: element("span"),
    lossOf: element("span", { class: "of" }),
    accuracy: element("td", { class: "number accuracy" }),
    started: element("td", { class: "number started" }),
    took: element("td", { class: "number took" }),
  };
  parts.mark.append(parts.stroke);
  const name = element("div", { class: "name" }, parts.mark, parts.link, parts.shared);
  const row = element(
    "tr",
    { "data-run": id },
    element("td", { class: "tick" }, parts.tick),
    element("td", { class: "run" }, name, element("div", { class: "about" }, parts.network, parts.apart)),
    element("td", { class: "state" }, parts.status),
    parts.epochs,
    element("td", { class: "number loss" }, parts.loss, parts.lossOf),
    parts.accuracy,
    parts.started,
    parts.took,
  );
  return { row, parts };
}

function newGroup(id) {
  const parts = {
    tick: element("input", { type: "checkbox" }),
    fold: element("button", { type: "button", class: "fold" }),
    link: element("a"),
    about: element("span", { class: "network" }),
    loss: element("td", { class: "number loss" }),
    accuracy: element("td", { class: "number accuracy" }),
  };
  const row = element(
    "tr",
    { "data-group": id, class: "group" },
    element("td", { class: "tick" }, parts.tick),
    element("td", { class: "run" }, element("div", { class: "name" }, parts.fold, parts.link), parts.about),
    element("td", { class: "state" }),
    element("td", { class: "number epochs" }),
    parts.loss,
    parts.accuracy,
    element("td", { class: "number started" }),
    element("td", { class: "number took" }),
  );
  return { row, parts };
}

// The rows and groups of the drawing, as the news that belongs to it has changed them.
function current(data) {
  const news = window.labRunNews;
  if (news?.drawn !== data.drawn) return data;
  const merged = (old, changed) => {
    const now = new Map(changed.map((one) => [one.id, one]));
    const before = new Set(old.map((one) => one.id));
    return [...changed.filter((one) => !before.has(one.id)), ...old.map((one) => now.get(one.id) ?? one)];
  };
  const gone = new Set(news.gone);
  const rows = merged(data.rows, news.rows).filter((row) => !gone.has(row.id));
  return { ...data, rows, groups: merged(data.groups, news.groups) };
}

// What is not there comes last, in either order.
function compare(one, other, down, language) {
  if (one === null || other === null) return (one === null) - (other === null);
  const order =
    typeof one === "number" && typeof other === "number"
      ? one - other
      : String(one).localeCompare(String(other), language, { numeric: true });
  return down ? -order : order;
}

// What a search compares: without accents, and numbers and dashes as any language writes them ("5.000" is 5000,
// "0,3" is 0.3).
const plain = (words) =>
  words
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/ *[-–—−] */g, "-")
    .replace(/(?<![\d.,])[1-9]\d{0,2}(?:[., ]\d{3})+(?!\d)/g, (grouped) => grouped.replace(/[., ]/g, ""))
    .replace(/(\d),(?=\d)/g, "$1.");

// The lines of the table: runs in the order asked for; unless they are searched or sorted, those of a group
// under the group's own line, where its newest run would stand.
function lines(data, state) {
  const { query, sort, down, open } = state;
  const wanted = plain(query.trim());
  const groups = new Map(data.groups.map((group) => [group.id, group]));
  const rows = data.rows
    .filter((row) => plain(`${row.found_by}\n${groups.get(row.group)?.name ?? ""}`).includes(wanted))
    .map((row, place) => ({ row, place }))
    .sort((a, b) => compare(a.row.ranks[sort], b.row.ranks[sort], down, data.language) || a.place - b.place)
    .map(({ row }) => row);
  if (wanted || sort !== "created") return { runs: rows.length, lines: rows.map((row) => ({ row })) };
  const seen = new Set();
  const all = [];
  for (const row of rows) {
    const group = groups.get(row.group);
    if (group && !seen.has(group.id)) {
      seen.add(group.id);
      const members = rows.filter((other) => other.group === group.id);
      all.push({ group, members });
      if (open.has(group.id)) all.push(...members.map((member) => ({ row: member, inside: true })));
    }
    if (!group) all.push({ row });
  }
  return { runs: rows.length, lines: all };
}

export default function ({ data, parentElement, setTriggerValue }) {
  const table = parentElement.querySelector("table");
  const first = !drawn.has(parentElement);
  if (first) {
    const fresh = { rows: new Map(), groups: new Map(), chosen: [], sent: null, data, open: new Set() };
    drawn.set(parentElement, { ...fresh, query: "", sort: "created", down: true });
  }
  const state = drawn.get(parentElement);
  state.data = data;

  table.setAttribute("aria-label", data.label);
  const headings = table.tHead.rows[0].cells;
  data.headings.forEach((heading, k) => text(headings[k].firstElementChild ?? headings[k], heading));

  // What set out before the last click still carries the old choice: the click wins until it is echoed.
  const told = data.chosen.join();
  if (state.sent === told) state.sent = null;
  if (state.sent === null) state.chosen = [...data.chosen];
  if (first) {
    for (const row of data.rows) if (state.chosen.includes(row.id) && row.group) state.open.add(row.group);
  }

  const choose = (ids, chosen) => {
    state.chosen = state.chosen.filter((other) => !ids.includes(other));
    if (chosen) state.chosen.push(...ids);
    state.sent = state.chosen.join();
    setTriggerValue("choose", state.sent);
    draw();
  };
  const opens = (link, id) => {
    link.title = data.open;
    link.onclick = (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
      event.preventDefault();
      setTriggerValue("open", id);
    };
  };
  const body = table.tBodies[0];

  function drawRun(run, inside) {
    if (!state.rows.has(run.id)) state.rows.set(run.id, newRow(run.id));
    const { row, parts } = state.rows.get(run.id);
    parts.tick.checked = state.chosen.includes(run.id);
    parts.tick.setAttribute("aria-label", run.tick);
    parts.tick.onchange = () => choose([run.id], parts.tick.checked);
    row.classList.toggle("chosen", parts.tick.checked);
    row.classList.toggle("inside", Boolean(inside));
    parts.mark.classList.toggle("shown", run.colour !== null);
    parts.stroke.setAttribute("stroke", run.colour ?? "none");
    parts.stroke.setAttribute("stroke-dasharray", run.dash.join(" "));
    text(parts.link, run.name);
    parts.link.href = run.href;
    opens(parts.link, run.id);
    text(parts.network, run.network);
    text(parts.apart, run.apart);
    text(parts.shared, run.shared);
    text(parts.status, run.status_text);
    parts.status.dataset.status = run.status;
    text(parts.epochs, run.epochs);
    text(parts.loss, run.loss);
    text(parts.lossOf, run.loss_of);
    text(parts.accuracy, run.accuracy);
    text(parts.started, when(run.created, data.language));
    text(parts.took, run.took);
    return row;
  }

  function drawGroup(group, members) {
    if (!state.groups.has(group.id)) state.groups.set(group.id, newGroup(group.id));
    const { row, parts } = state.groups.get(group.id);
    const ids = members.map((member) => member.id);
    const chosen = ids.filter((id) => state.chosen.includes(id)).length;
    parts.tick.checked = chosen === ids.length;
    parts.tick.indeterminate = chosen > 0 && chosen < ids.length;
    parts.tick.setAttribute("aria-label", group.tick);
    parts.tick.onchange = () => choose(ids, parts.tick.checked);
    const isOpen = state.open.has(group.id);
    text(parts.fold, isOpen ? "▾" : "▸");
    parts.fold.setAttribute("aria-expanded", isOpen);
    parts.fold.setAttribute("aria-label", `${data.words[0].unfold}: ${group.name}`);
    parts.fold.onclick = () => {
      if (!state.open.delete(group.id)) state.open.add(group.id);
      draw();
    };
    text(parts.link, group.name);
    parts.link.href = group.href;
    opens(parts.link, group.id);
    const some = chosen ? ` · ${data.words[0].chosen.replace("{n}", chosen)}` : "";
    text(parts.about, `${group.kind} · ${group.count}${some}`);
    text(parts.loss, group.loss);
    text(parts.accuracy, group.accuracy);
    return row;
  }

  function draw() {
    const shown = lines(current(state.data), state);
    const nodes = shown.lines.map((line) =>
      line.group ? drawGroup(line.group, line.members) : drawRun(line.row, line.inside),
    );
    const kept = new Set(nodes);
    for (const row of [...body.rows]) if (!kept.has(row)) row.remove();
    nodes.forEach((row, k) => {
      if (body.rows[k] !== row) body.insertBefore(row, body.rows[k] ?? null);
    });
    text(parentElement.querySelector(".count"), shown.runs ? "" : data.words[0].none);
  }

  const search = parentElement.querySelector(".search");
  search.placeholder = data.words[0].search;
  search.setAttribute("aria-label", data.words[0].search);
  search.oninput = () => {
    state.query = search.value;
    draw();
  };
  const sort = parentElement.querySelector(".sort");
  text(parentElement.querySelector(".by"), data.words[0].by);
  if (sort.dataset.language !== data.language) {
    sort.dataset.language = data.language;
    sort.replaceChildren(...data.sorts.map(([value, label]) => element("option", { value }, label)));
    sort.value = state.sort;
  }
  const turn = parentElement.querySelector(".turn");
  const sayTurn = () => {
    text(turn, state.down ? "↓" : "↑");
    turn.title = state.down ? data.words[0].down : data.words[0].up;
    turn.setAttribute("aria-label", turn.title);
  };
  sort.onchange = () => {
    state.sort = sort.value;
    draw();
  };
  turn.onclick = () => {
    state.down = !state.down;
    sayTurn();
    draw();
  };
  sayTurn();
  draw();
  removeEventListener("lab-run-news", state.onNews);
  state.onNews = () => (parentElement.isConnected ? draw() : removeEventListener("lab-run-news", state.onNews));
  addEventListener("lab-run-news", state.onNews);

  // A link may bring runs chosen long ago: they should be in sight, and no other time may the list move by itself.
  const chosen = body.querySelector("tr.chosen");
  if (first && chosen) chosen.closest(".runs").scrollTop = chosen.offsetTop - 2 * chosen.offsetHeight;
}
