// What a page does beyond being read: light or dark, and copying of code. Without it
// nothing is missing that has to be read.
"use strict";

(() => {
  const root = document.documentElement;
  const KEY = "kdlp-theme";

  // Where pages are files, some browsers keep nothing: then the choice is forgotten.
  const remembered = () => {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null;
    }
  };
  const remember = (theme) => {
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      // the page is as it was chosen, until it is left
    }
  };

  const isDark = () =>
    root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;

  const themeButton = () => {
    const place = document.querySelector(".top nav, .bar");
    if (!place) return;
    const button = document.createElement("button");
    button.type = "button";
    button.id = "theme";
    const tell = () => {
      button.textContent = isDark() ? "Light" : "Dark";
    };
    button.addEventListener("click", () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      remember(root.dataset.theme);
      tell();
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", tell);
    tell();
    place.append(button);
  };

  // Of a transcript only what is typed is copied, without its prompts.
  const textOf = (pre) => {
    const typed = [...pre.querySelectorAll("kbd")].map((line) => line.textContent);
    return typed.length ? typed.join("\n") + "\n" : pre.textContent;
  };

  // Pages that are files may have no clipboard of the new kind.
  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      return done;
    }
  };

  const copyButton = (pre) => {
    const box = document.createElement("div");
    box.className = "copyable";
    pre.replaceWith(box);
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.setAttribute("aria-live", "polite");
    button.addEventListener("click", async () => {
      button.textContent = (await copy(textOf(pre))) ? "Copied" : "Select it, then Ctrl-C";
      button.classList.add("done");
      setTimeout(() => {
        button.textContent = "Copy";
        button.classList.remove("done");
      }, 2000);
    });
    box.append(pre, button);
  };

  // What is wider than the page can be moved by the keyboard, too.
  const reachable = (box, name) => {
    if (box.scrollWidth > box.clientWidth) {
      box.tabIndex = 0;
      box.setAttribute("role", "region");
      box.setAttribute("aria-label", name);
    }
  };

  if (remembered()) root.dataset.theme = remembered();
  themeButton();
  if (!document.body.classList.contains("deck")) {
    document.querySelectorAll("main pre").forEach(copyButton);
    document.querySelectorAll("main pre").forEach((box) => reachable(box, "Code"));
    document.querySelectorAll(".scroll").forEach((box) => reachable(box, "Table"));
    document.querySelectorAll(".figure").forEach((box) => reachable(box, "Figure"));
    const narrow = matchMedia("(max-width: 68rem)").matches;
    if (narrow) document.querySelector(".contents details")?.removeAttribute("open");
  }
})();
