// Without this script everything works by links and forms. With it the page
// looks again when something has changed, forms are sent without leaving it, and
// payloads are checked while they are typed.
"use strict";

(() => {
  // look reads the page again and puts in what is different of its live parts.
  let looking = false, again = false;
  const replace = (text) => {
    const fresh = new DOMParser().parseFromString(text, "text/html");
    for (const old of document.querySelectorAll("[data-live]")) {
      const now = fresh.getElementById(old.id);
      if (!now || now.innerHTML === old.dataset.was) continue;
      const raw = now.innerHTML;
      if (old.contains(document.activeElement) && document.activeElement.matches("input,select,textarea")) continue;
      const focused = old.contains(document.activeElement) ? [...old.querySelectorAll("a,button,summary")].indexOf(document.activeElement) : -1;
      const open = [...old.querySelectorAll("details")].map((d) => d.open);
      old.replaceChildren(...now.childNodes);
      old.dataset.was = raw;
      old.querySelectorAll("details").forEach((d, i) => { if (i < open.length) d.open = open[i]; });
      if (focused >= 0) old.querySelectorAll("a,button,summary")[focused]?.focus();
    }
    copyButtons();
    return fresh;
  };
  const look = async () => {
    if (looking) { again = true; return; }
    looking = true;
    try {
      const url = new URL(location.href);
      url.searchParams.delete("done");
      const res = await fetch(url, { headers: { Accept: "text/html" } });
      if (res.ok) replace(await res.text());
    } catch { /* the server has ended; the stream says when it is back */ }
    looking = false;
    if (again) { again = false; setTimeout(look, 150); }
  };
  for (const live of document.querySelectorAll("[data-live]")) live.dataset.was = live.innerHTML;
  if (document.querySelector("[data-live]")) {
    let due = 0;
    const source = new EventSource("/_sim/watch");
    source.addEventListener("change", () => { clearTimeout(due); due = setTimeout(look, 120); });
    addEventListener("pagehide", () => source.close());
  }

  // The clock goes on by itself while it plays.
  setInterval(() => {
    const now = document.querySelector(".clock .now");
    const speed = Number(now?.dataset.speed || 0);
    if (!speed) return;
    const next = new Date(Date.parse(now.dateTime) + speed * 1000);
    now.dateTime = next.toISOString();
    now.textContent = next.toISOString().slice(0, 19).replace("T", " ");
  }, 1000);

  // A form that is marked quiet is sent without leaving the page.
  document.addEventListener("submit", async (e) => {
    const form = e.target;
    if (!(form instanceof HTMLFormElement) || !("quiet" in form.dataset)) return;
    e.preventDefault();
    const button = e.submitter;
    const body = new URLSearchParams(new FormData(form, button));
    button?.setAttribute("aria-busy", "true");
    const problem = document.querySelector(".quiet-problem");
    try {
      const res = await fetch(form.action, { method: "POST", body });
      const fresh = new DOMParser().parseFromString(await res.text(), "text/html");
      problem.hidden = res.ok;
      if (!res.ok) problem.textContent = fresh.querySelector(".note.problem:not(.quiet-problem)")?.textContent.trim() || String(res.status);
    } catch (err) {
      problem.hidden = false;
      problem.textContent = String(err);
    }
    button?.removeAttribute("aria-busy");
    look();
  });

  // What is worth copying gets a button for it.
  function copyButtons() {
    if (!navigator.clipboard) return;
    for (const of of document.querySelectorAll("[data-copy]:not([data-copies])")) {
      of.dataset.copies = "";
      const text = of.textContent, button = document.createElement("button");
      button.type = "button";
      button.className = "copy";
      button.textContent = of.dataset.copy;
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(text);
        button.textContent = "✓";
        setTimeout(() => { button.textContent = of.dataset.copy; }, 1200);
      });
      of.tagName === "PRE" ? of.append(button) : of.after(button);
    }
  }
  copyButtons();

  // An editor numbers its lines, and says beside them what is wrong.
  for (const editor of document.querySelectorAll("[data-check]")) {
    const area = editor.querySelector("textarea"), gutter = editor.querySelector(".gutter"), list = editor.querySelector("ul.wrong");
    const mark = (wrong) => {
      const at = new Map();
      for (const w of wrong) if (w.line) at.set(w.line, (at.has(w.line) ? at.get(w.line) + "\n" : "") + w.message);
      const lines = area.value.split("\n").length;
      gutter.replaceChildren(...Array.from({ length: lines }, (_, i) => {
        const n = document.createElement("span");
        n.textContent = i + 1;
        if (at.has(i + 1)) { n.className = "at"; n.title = at.get(i + 1); }
        return n;
      }));
      gutter.scrollTop = area.scrollTop;
      area.setAttribute("aria-invalid", wrong.length ? "true" : "false");
    };
    const say = (wrong) => {
      list.replaceChildren(...wrong.map((w) => {
        const li = document.createElement("li");
        if (w.line) {
          const go = document.createElement("button");
          go.type = "button";
          go.textContent = list.dataset.line + " " + w.line;
          go.addEventListener("click", () => {
            const before = area.value.split("\n").slice(0, w.line - 1).join("\n").length + (w.line > 1 ? 1 : 0);
            area.focus();
            area.setSelectionRange(before, before + area.value.split("\n")[w.line - 1].length);
            area.scrollTop = Math.max(0, w.line - 6) * parseFloat(getComputedStyle(area).lineHeight);
          });
          li.append(go, " ");
        }
        li.append(w.message);
        return li;
      }));
    };
    let due = 0, turn = 0;
    const check = async () => {
      const mine = ++turn;
      try {
        const res = await fetch(editor.dataset.check, { method: "POST", body: area.value, headers: { "Content-Type": "text/plain" } });
        const wrong = await res.json();
        if (mine === turn) { mark(wrong); say(wrong); }
      } catch { /* it is checked once more when it is sent */ }
    };
    mark([...list.querySelectorAll("li")].map((li) => ({ line: Number(li.dataset.at), message: li.textContent })));
    area.addEventListener("input", () => { clearTimeout(due); due = setTimeout(check, 250); if (gutter.childElementCount !== area.value.split("\n").length) mark([]); });
    area.addEventListener("scroll", () => { gutter.scrollTop = area.scrollTop; });
  }
})();
