// Slides by keyboard, by button and by swipe. The number of the slide is in the
// address, so that a slide can be linked and a reload stays. `p` opens the
// presenter's window, which shows the notes and moves with the other one.
"use strict";

(() => {
  const slides = [...document.querySelectorAll("main > section")];
  const body = document.body;
  const count = document.getElementById("count");
  const presenter = location.search === "?presenter";
  const LEAST = 10; // pixels; what does not fit even so can be scrolled
  let at = 0;
  let other = window.opener; // the window that moves with this one

  const asked = () => {
    const number = Number.parseInt(location.hash.slice(1), 10);
    return Number.isNaN(number) ? 0 : number - 1;
  };

  // Makes the text of a slide smaller until all of it can be seen.
  const fit = () => {
    const box = slides[at].querySelector(".body");
    box.style.fontSize = "";
    const usual = Number.parseFloat(getComputedStyle(box).fontSize);
    const over = () => {
      const inner = [...box.querySelectorAll("pre, .scroll")];
      return (
        box.scrollHeight > box.clientHeight + 1 ||
        inner.some((part) => part.scrollWidth > part.clientWidth + 1)
      );
    };
    for (let size = usual; size >= LEAST && over(); size -= usual / 25) {
      box.style.fontSize = `${size}px`;
    }
  };

  const tellNext = () => {
    const next = document.querySelector(".next");
    if (next) next.textContent = `Next: ${slides[at + 1]?.firstElementChild.textContent ?? "the end"}`;
  };

  const show = (index, tell = true) => {
    at = Math.max(0, Math.min(index, slides.length - 1));
    slides.forEach((slide, number) => slide.classList.toggle("now", number === at));
    count.textContent = `${at + 1} of ${slides.length}`;
    history.replaceState(null, "", `#${at + 1}`);
    fit();
    tellNext();
    if (tell && other && !other.closed) other.postMessage({ slide: at }, "*");
  };

  const openPresenter = () => {
    other = window.open(`${location.pathname}?presenter#${at + 1}`, "presenter", "width=900,height=700");
  };

  const fullScreen = () => {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen?.();
  };

  const notes = () => {
    body.classList.toggle("noted");
    fit();
  };

  const keys = {
    ArrowRight: () => show(at + 1),
    ArrowDown: () => show(at + 1),
    PageDown: () => show(at + 1),
    " ": () => show(at + 1),
    ArrowLeft: () => show(at - 1),
    ArrowUp: () => show(at - 1),
    PageUp: () => show(at - 1),
    Backspace: () => show(at - 1),
    Home: () => show(0),
    End: () => show(slides.length - 1),
    n: notes,
    p: openPresenter,
    f: fullScreen,
  };

  document.addEventListener("keydown", (event) => {
    const pressed = event.target.closest?.("button, a") && [" ", "Enter"].includes(event.key);
    if (event.ctrlKey || event.altKey || event.metaKey || pressed || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });

  for (const button of document.querySelectorAll(".bar [data-key]")) {
    button.addEventListener("click", () => keys[button.dataset.key]());
  }

  let touched = null;
  document.addEventListener("touchstart", (event) => {
    touched = event.touches.length === 1 ? event.touches[0].clientX : null;
  });
  document.addEventListener("touchend", (event) => {
    const moved = touched === null ? 0 : event.changedTouches[0].clientX - touched;
    if (Math.abs(moved) > 60) show(at + (moved < 0 ? 1 : -1));
  });

  // Only the window that was opened, or that opened this one, may move it.
  addEventListener("message", (event) => {
    if (event.source === other && Number.isInteger(event.data?.slide)) show(event.data.slide, false);
  });
  addEventListener("hashchange", () => show(asked()));
  addEventListener("resize", fit);

  body.classList.add("shown");
  if (presenter) {
    body.classList.add("presenter");
    const next = document.createElement("p");
    next.className = "next";
    document.querySelector("main").after(next);
  }
  show(asked(), false);
})();
