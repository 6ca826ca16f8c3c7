// Shows the HTML it is given, and tells the page which link was clicked.

export default function ({ data, parentElement, setTriggerValue }) {
  const place = parentElement.querySelector(".place");
  if (place.dataset.shown !== data.html) {
    place.innerHTML = data.html;
    place.dataset.shown = data.html;
  }
  place.onclick = (event) => {
    const link = event.target.closest("[data-open]");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    setTriggerValue("open", link.dataset.open);
  };
}
