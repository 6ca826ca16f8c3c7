// Draws the rows it is given and keeps their nodes between polls, so that focus, scroll and ticks stay put.

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
    element("td", { class: "run" }, name, parts.network),
    element("td", { class: "state" }, parts.status),
    parts.epochs,
    element("td", { class: "number loss" }, parts.loss, parts.lossOf),
    parts.accuracy,
    parts.started,
    parts.took,
  );
  return { row, parts };
}

export default function ({ data, parentElement, setTriggerValue }) {
  const table = parentElement.querySelector("table");
  const first = !drawn.has(parentElement);
  if (!drawn.has(parentElement)) drawn.set(parentElement, { rows: new Map(), chosen: [], sent: null });
  const state = drawn.get(parentElement);

  table.setAttribute("aria-label", data.label);
  const headings = table.tHead.rows[0].cells;
  data.headings.forEach((heading, k) => text(headings[k].firstElementChild ?? headings[k], heading));

  // A poll that set out before the last click still carries the old choice: the click wins until it is echoed.
  const told = data.chosen.join();
  if (state.sent === told) state.sent = null;
  if (state.sent === null) state.chosen = [...data.chosen];

  const choose = (id, chosen) => {
    state.chosen = state.chosen.filter((other) => other !== id);
    if (chosen) state.chosen.push(id);
    state.sent = state.chosen.join();
    setTriggerValue("choose", state.sent);
  };

  const body = table.tBodies[0];
  const kept = new Set(data.rows.map((row) => row.id));
  for (const [id, { row }] of state.rows) {
    if (!kept.has(id)) {
      row.remove();
      state.rows.delete(id);
    }
  }
  data.rows.forEach((run, k) => {
    if (!state.rows.has(run.id)) state.rows.set(run.id, newRow(run.id));
    const { row, parts } = state.rows.get(run.id);
    if (body.rows[k] !== row) body.insertBefore(row, body.rows[k] ?? null);

    parts.tick.checked = state.chosen.includes(run.id);
    parts.tick.setAttribute("aria-label", run.tick);
    parts.tick.onchange = () => choose(run.id, parts.tick.checked);
    row.classList.toggle("chosen", parts.tick.checked);

    parts.mark.classList.toggle("shown", run.colour !== null);
    parts.stroke.setAttribute("stroke", run.colour ?? "none");
    parts.stroke.setAttribute("stroke-dasharray", run.dash.join(" "));
    text(parts.link, run.name);
    parts.link.href = run.href;
    parts.link.title = data.open;
    parts.link.onclick = (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
      event.preventDefault();
      setTriggerValue("open", run.id);
    };
    text(parts.network, run.network);
    text(parts.shared, run.shared);
    text(parts.status, run.status_text);
    parts.status.dataset.status = run.status;
    text(parts.epochs, run.epochs);
    text(parts.loss, run.loss);
    text(parts.lossOf, run.loss_of);
    text(parts.accuracy, run.accuracy);
    text(parts.started, when(run.created, data.language));
    text(parts.took, run.took);
  });
  // A link may bring runs chosen long ago: they should be in sight, and no other time may the list move by itself.
  const chosen = body.querySelector("tr.chosen");
  if (first && chosen) chosen.closest(".runs").scrollTop = chosen.offsetTop - 2 * chosen.offsetHeight;
}
