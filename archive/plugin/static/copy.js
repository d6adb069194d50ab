"use strict";
// Buttons that copy a text of the page: data-copy its id, data-done what the button says then, data-select what it says
// where nothing may be copied and the text is only selected. Without JavaScript they stay hidden: the text is there.
const status = document.getElementById("copy-status");

// The clipboard's own interface exists only over https; the older command works everywhere that a key combination does.
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    let written = false;
    const write = (event) => {
      event.clipboardData.setData("text/plain", text); // without the page's colours
      event.preventDefault();
      written = true;
    };
    document.addEventListener("copy", write);
    try {
      document.execCommand("copy");
    } catch {
      written = false;
    }
    document.removeEventListener("copy", write);
    return written;
  }
}

for (const button of document.querySelectorAll("button[data-copy]")) {
  const source = document.getElementById(button.dataset.copy);
  if (!source) continue;
  const shown = button.querySelector("span") || button;
  const label = shown.textContent;
  let waiting;
  button.hidden = false;
  button.addEventListener("click", async () => {
    // Read before it is opened: a reader who looks at another format keeps it.
    let said = button.dataset.done;
    if (!(await copied(source.textContent))) {
      source.closest("details")?.setAttribute("open", "");
      getSelection().selectAllChildren(source);
      source.focus();
      said = button.dataset.select || label;
    }
    shown.textContent = said;
    button.classList.add("done");
    // The same words twice in a row are a change only when something else stood between.
    if (status) {
      status.textContent = "";
      setTimeout(() => { status.textContent = `${said}: ${button.textContent.replace(said, "").trim()}`; }, 50);
    }
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      shown.textContent = label;
      button.classList.remove("done");
    }, 3000);
  });
}
