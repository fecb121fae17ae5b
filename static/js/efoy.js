/* What script adds to pages that already work without it. No handlers in the markup, no eval, no libraries. */
(function () {
  "use strict";
  var all = function (selector, act) { Array.prototype.forEach.call(document.querySelectorAll(selector), act); };
  var one = function (selector) { return document.querySelector(selector); };

  /* 1. The chosen time stands in the summary and in the bar at the bottom. */
  function showChoice(input) {
    all("[data-chosen]", function (place) { place.textContent = input.dataset.says; });
    all("[data-chosen-clock]", function (place) { place.textContent = input.dataset.clock; });
  }
  all("input[name=starts_at][data-says]", function (input) {
    input.addEventListener("change", function () { showChoice(input); });
    if (input.checked) showChoice(input);
  });

  /* 2. One press, one post. The button says what is going on. It works again after Back, or when no answer comes. */
  function release(form) {
    delete form.dataset.sent;
    Array.prototype.forEach.call(form.querySelectorAll("[aria-disabled][data-words]"), function (button) {
      button.removeAttribute("aria-disabled");
      button.innerHTML = button.dataset.words;
    });
  }
  all("form[data-once]", function (form) {
    form.addEventListener("submit", function (event) {
      if (form.dataset.sent) { event.preventDefault(); return; }
      var button = event.submitter;
      form.dataset.sent = "1";
      setTimeout(function () { release(form); }, 15000);
      if (!button || !button.dataset.busy) return;
      button.setAttribute("aria-disabled", "true");
      button.dataset.words = button.innerHTML;
      button.textContent = button.dataset.busy;
    });
  });
  window.addEventListener("pageshow", function (event) {
    if (event.persisted) all("form[data-once]", release);
  });

  /* 3. The page that waits for a payment asks every 3 seconds, after a minute every 10, and says the outcome once. */
  var waiting = one("[data-poll]");
  if (waiting) {
    var asked = 0, said = "";
    var ask = function () {
      asked += 1;
      fetch(waiting.dataset.poll, { headers: { Accept: "application/json" }, credentials: "same-origin" })
        .then(function (answer) { return answer.ok ? answer.json() : {}; })
        .catch(function () { return {}; })
        .then(function (standing) {
          if (standing.say && standing.say !== said) { said = standing.say; waiting.textContent = said; }
          if (standing.settled && standing.url && standing.url.charAt(0) === "/") { location.replace(standing.url); return; }
          setTimeout(ask, asked < 20 ? 3000 : 10000);
        });
    };
    setTimeout(ask, 3000);
  }

  /* 4. The refund button names the amount that is chosen. */
  all("form[data-refund]", function (form) {
    var button = form.querySelector("[data-refund-words]"), typed = form.querySelector("input[name=amount]");
    if (!button) return; // the desk asks, its button names no amount
    var plain = button.textContent, symbol = form.querySelector(".cash span").textContent;
    var name = function () {
      var choice = form.querySelector("input[name=choice]:checked"), amount = "";
      if (choice && choice.dataset.says) amount = choice.dataset.says;
      else if (/^\d+([.,]\d{1,2})?$/.test(typed.value.trim())) amount = symbol + typed.value.trim();
      button.textContent = amount ? button.dataset.refundWords.replace("%s", amount) : plain;
    };
    form.addEventListener("change", name);
    form.addEventListener("input", name);
    name();
  });

  /* 5. What needs attention first takes the focus: a summary of errors, else the heading of a result. */
  var first = one(".esum[data-focus]") || one("[data-focus]");
  if (first && !location.hash) first.focus({ preventScroll: first.tagName === "H1" });

  /* 6. "/" goes to the staff search; Escape closes an open menu. */
  var search = one("[data-slash]");
  document.addEventListener("keydown", function (event) {
    var typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
    if (event.key === "/" && search && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      search.focus();
    }
    if (event.key === "Escape") {
      all("details.menu[open], details.side-menu[open]", function (menu) {
        menu.open = false;
        menu.querySelector("summary").focus();
      });
    }
  });

  /* 7. How many characters are left in a box that has a limit. */
  all("[data-count-for]", function (line) {
    var box = document.getElementById(line.dataset.countFor);
    if (!box || box.maxLength < 0) return;
    var count = function () { line.textContent = line.dataset.countWords.replace("%s", box.maxLength - box.value.length); };
    box.addEventListener("input", count);
    count();
  });
})();
