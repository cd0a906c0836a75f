extension ReportPage {
    /// The keys, paper, and the beginning.
    static let scriptKeys = #"""
        // The keys, paper, and the beginning.
        const keyTable = [
          ["/", "search the " + noun + "s"], ["?", "this list"], ["Esc", "back to all " + noun + "s"],
          ["\u2190 \u2192", "event before, event after"], ["Home End", "first event, last event"],
          ["e E", "next, previous failure or anomaly"], ["[ ]", "previous " + noun + ", next " + noun],
          ["+ - 0", "zoom in, zoom out, all of it"], ["s", "by time, or equal steps"],
          ["z", "UTC, or your zone"], ["t", "light, dark, as the system has it"],
          ["\u2191 \u2193 Enter", "in a table: choose a row, open it"],
          ["Ctrl + wheel", "on the lanes: zoom; Shift + wheel, or drag: move"],
        ];
        function openHelp() {
          const dialog = byID("help");
          const close = el("button", { type: "button", onclick: () => dialog.close() }, "Close");
          dialog.replaceChildren(el("h2", { id: "helptitle" }, "Keys"),
            el("table", { style: "margin:10px 0 14px" }, el("tbody", {}, keyTable.map(([keys, text]) =>
              el("tr", {}, el("td", {}, keys.split(" ").map((one) => [el("kbd", {}, one), " "])),
                el("td", {}, text))))), close);
          dialog.showModal();
          close.focus();
        }
        function focusSearch() {
          if (place.request !== null) go({ request: null, event: null });
          byID("search").focus();
          byID("search").select();
        }
        const anywhere = { "?": openHelp, "/": focusSearch, t: nextTheme, z: switchZone };
        const inRequest = {
          ArrowLeft: () => current.move(current.at - 1), ArrowRight: () => current.move(current.at + 1),
          Home: () => current.move(0), End: () => current.move(Infinity),
          e: () => current.seek(1), E: () => current.seek(-1), "[": () => neighbour(-1),
          "]": () => neighbour(1), "+": () => current.zoom(.5), "=": () => current.zoom(.5),
          "-": () => current.zoom(2), 0: () => current.fit(), s: () => current.toggleEven(),
          Escape: () => go({ request: null, event: null }),
        };
        document.addEventListener("keydown", (press) => {
          if (press.ctrlKey || press.metaKey || press.altKey || byID("help").open) return;
          const target = press.target;
          const isText = target instanceof HTMLInputElement && target.type === "search";
          if (isText) {
            if (press.key === "Escape") target.blur();
            if (press.key === "ArrowDown" || press.key === "Enter") {
              list.node.focus();
              list.select(Math.max(list.selected, 0));
              press.preventDefault();
            }
            return;
          }
          if (target instanceof HTMLInputElement && /^(Arrow|Home|End)/.test(press.key)) return;
          const action = anywhere[press.key] || (current ? inRequest[press.key] : null);
          if (!action) return;
          action();
          press.preventDefault();
        });
        // On paper stands what a screen scrolls: all lanes, all rows, and no controls.
        const paperWidth = 1010;
        function paperRequest(k) {
          const model = laneModel(k);
          const canvas = svg("svg", { class: "fit", role: "img", "aria-label": lanesLabel(k) });
          drawLanes(canvas, model, laneScale(model, false), [-0.012, 1.012], paperWidth);
          const order = Array.from({ length: R.events[k] }, (_, j) => j).sort((a, b) =>
            Number(E.number[model.first + a]) - Number(E.number[model.first + b]) || a - b);
          return [canvas, legendNode(), order];
        }
        function printNode() {
          if (place.request !== null) {
            return el("div", {}, el("h2", { style: "margin:14px 0 6px" }, "Its events"),
              printedTable(eventColumns(place.request), paperRequest(place.request)[2]));
          }
          const node = el("div", {}, el("h2", { style: "margin:14px 0 6px" },
            byID("listtitle").textContent), printedTable(listColumns, rows));
          if (!scope.named || requestCount > 25 || eventCount > 5000) return node;
          for (let k = 0; k < requestCount; k++) {
            const [canvas, legend, order] = paperRequest(k);
            node.append(el("section", { class: "sheet" }, el("h2", {}, name(requestName(k), "mono")),
              el("p", { class: "soft" }, requestFacts(k)), callouts(k), canvas, legend,
              printedTable(eventColumns(k), order)));
          }
          return node;
        }
        window.addEventListener("beforeprint", () => {
          byID("printed").replaceChildren(printNode());
          if (current) {
            const canvas = document.querySelector("#lanes svg");
            current.x = drawLanes(canvas, laneModel(current.k), current.scale, current.window, paperWidth);
            current.cursor();
          } else fleet.draw(paperWidth);
        });
        window.addEventListener("afterprint", () => {
          byID("printed").replaceChildren();
          if (current) current.draw(); else fleet.draw();
        });
        window.addEventListener("resize", () => {
          if (current) current.later(); else { fleet.draw(); list.draw(); }
        });
        window.addEventListener("popstate", () => { readFragment(); show(); });
        window.addEventListener("hashchange", () => {
          if (location.hash.slice(1) !== fragment()) { readFragment(); show(); }
        });
        byID("keys").addEventListener("click", openHelp);
        byID("theme").addEventListener("click", nextTheme);
        byID("zone").addEventListener("click", switchZone);
        byID("skip").addEventListener("click", (press) => {
          press.preventDefault();
          if (list && place.request === null) list.node.focus(); else byID("slider").focus();
        });
        readFragment();
        document.title = "cairn report: " + titleText();
        show();
        document.documentElement.dataset.ready = "yes";
        """#
}
