// Keeps one live region for as long as the page is open, and puts words into it when they are new.

const ID = "lab-announcement";

export default function ({ data }) {
  let region = document.getElementById(ID);
  if (!region) {
    region = document.createElement("div");
    region.id = ID;
    region.setAttribute("role", "status");
    region.setAttribute("aria-live", "polite");
    document.body.append(region);
  }
  if (region.dataset.text === data.text) return;
  region.dataset.text = data.text;
  // A region must have been there for a moment before its words are heard.
  setTimeout(() => (region.textContent = data.text), 150);
}
