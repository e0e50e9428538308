// The case file's one button: the browser's own print window, which also saves a PDF.
// @ts-check
const button = document.getElementById("print");
if (button) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
// A file is what it was when it was asked for: it follows nothing.
const lamp = document.getElementById("link");
if (lamp) lamp.hidden = true;
