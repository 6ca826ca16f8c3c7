// One sprite, many buttons: a garment is a window onto the sprite. Arrow keys move, Enter or a click picks.
export default function ({ data, parentElement, setTriggerValue }) {
  const grid = parentElement.querySelector(".garments");
  grid.setAttribute("aria-label", data.label);
  grid.style.setProperty("--tile", `${data.tile}px`);
  const buttons = data.names.map((name, i) => {
    const button = document.createElement("button");
    button.type = "button";
    button.ariaLabel = name;
    button.title = name;
    const picked = data.indices[i] === data.picked;
    button.tabIndex = picked ? 0 : -1;
    button.ariaPressed = String(picked);
    button.style.backgroundImage = `url(${data.sprite})`;
    button.style.backgroundSize = `${data.columns * data.tile}px auto`;
    button.style.backgroundPosition =
      `${-(i % data.columns) * data.tile}px ${-Math.floor(i / data.columns) * data.tile}px`;
    button.onclick = () => setTriggerValue("picked", data.indices[i]);
    return button;
  });
  const hadFocus = grid.contains(parentElement.activeElement ?? grid.getRootNode().activeElement);
  grid.replaceChildren(...buttons);
  if (hadFocus) grid.querySelector("[tabindex='0']")?.focus();
  grid.onkeydown = (event) => {
    const here = buttons.indexOf(event.target);
    const perRow = Math.max(1, buttons.filter((b) => b.offsetTop === buttons[0].offsetTop).length);
    const moves = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: perRow, ArrowUp: -perRow };
    const next = buttons[here + moves[event.key]];
    if (here < 0 || !next) return;
    event.preventDefault();
    buttons[here].tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  };
}
