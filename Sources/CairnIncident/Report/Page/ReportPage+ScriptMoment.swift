extension ReportPage {
    /// The view of one request at one of its events.
    static let scriptMoment = #"""
        // The view of one request, and how one moves in it.
        function showRequest(k, j) {
          const n = R.events[k], first = R.firstEvent[k];
          const model = laneModel(k);
          const order = Array.from({ length: n }, (_, at) => at).sort((a, b) =>
            Number(E.number[first + a]) - Number(E.number[first + b]) || a - b);
          const placeOf = new Array(n);
          order.forEach((at, place) => { placeOf[at] = place; });
          const canvas = svg("svg", { role: "img", class: "fit", "aria-label": lanesLabel(k) });
          const figure = el("figure", { class: "figure", id: "lanes" }, canvas);
          const range = el("input", { type: "range", min: 1, max: n, step: 1, value: 1,
            "aria-label": "Event", id: "slider" });
          const output = el("output", { for: "slider" });
          const stateHost = el("div"), stagesHost = el("div"), eventHost = el("div");
          const stateTitle = el("h2", { id: "statetitle" });
          const eventTitle = el("h2", { id: "eventtitle" });
          const even = el("button", { type: "button", title: "Every step equally wide, or by time (s)",
            onclick: () => view.toggleEven() }, "Equal steps");
          const table = grid({
            id: "events", label: "Events of the " + noun, columns: eventColumns(k),
            emptyText: "no events",
            onMove: (at) => view.move(at, true),
            kind: (at) => (at > view.at ? "later" : ""),
          });
          table.node.style.maxHeight = "max(440px, 52vh)";
          const view = {
            k, at: 0, window: [-0.012, 1.012], scale: null, x: null, width: 0,
            draw() {
              view.width = Math.max(figure.clientWidth || 1100, 320);
              model.isEven = even.getAttribute("aria-pressed") === "true";
              view.scale = laneScale(model, model.isEven);
              view.x = drawLanes(canvas, model, view.scale, view.window, view.width);
              view.cursor();
            },
            cursor() {
              const host = canvas.lastChild;
              const at = view.x(model.times[view.at]);
              if (at < laneLabelWidth - 2 || at > view.width) return host.replaceChildren();
              const row = model.rowOf.get(E.lane[first + view.at]);
              host.replaceChildren(
                svg("path", { class: "cursor", d: "M" + at.toFixed(1) + " " + (laneTop - 4) + "V" +
                  model.height }),
                svg("circle", { class: "knob", cx: at.toFixed(1), cy: model.tops[row] + 7 + barHeight / 2,
                  r: 5 }));
            },
            move(next, isFromTable) {
              view.at = Math.max(0, Math.min(n - 1, next));
              const event = first + view.at;
              range.value = view.at + 1;
              const text = "event " + (view.at + 1) + " of " + n + ", " + moment(E.created[event]) + ", " +
                shown(words[E.type[event]]) + " " + shown(words[E.status[event]]);
              range.setAttribute("aria-valuetext", text);
              output.textContent = view.at + 1 + " / " + n;
              stateTitle.textContent = "State after event " + (view.at + 1) + " of " + n;
              eventTitle.textContent = "Event " + (view.at + 1);
              stateHost.replaceChildren((streams ? membersNode : stateNode)(k, view.at));
              stagesHost.replaceChildren(stagesNode(k, view.at));
              eventHost.replaceChildren(eventNode(k, view.at));
              if (!isFromTable) table.select(placeOf[view.at], true); else table.draw();
              const u = view.scale.at(model.times[view.at]);
              const wide = view.window[1] - view.window[0];
              if (u < view.window[0] || u > view.window[1]) view.pan(u - wide / 2 - view.window[0]);
              else view.cursor();
              remember();
            },
            zoom(factor, centre) {
              const [a, b] = view.window;
              const middle = centre === undefined ? view.scale.at(model.times[view.at]) : centre;
              const anchor = Math.max(a, Math.min(b, middle));
              const wide = Math.max(Math.min((b - a) * factor, 1.024), 1e-7);
              const share = (anchor - a) / (b - a);
              view.window = [anchor - wide * share, anchor + wide * (1 - share)];
              view.pan(0);
            },
            pan(by) {
              let [a, b] = view.window;
              const wide = Math.min(b - a, 1.024);
              a = Math.max(-0.012, Math.min(1.012 - wide, a + by));
              view.window = [a, a + wide];
              later();
            },
            fit() { view.window = [-0.012, 1.012]; later(); },
            toggleEven() {
              even.setAttribute("aria-pressed", String(even.getAttribute("aria-pressed") !== "true"));
              view.window = [-0.012, 1.012];
              later();
            },
            // The next event that failed or is odd.
            seek(step) {
              for (let at = view.at + step; at >= 0 && at < n; at += step) {
                const event = first + at;
                if (words[E.status[event]] === "FAILED" || E.anomalies[event]) return view.move(at);
              }
              say("no further failure or anomaly");
            },
          };
          let frame = 0;
          function later() {
            if (!frame) frame = requestAnimationFrame(() => { frame = 0; view.draw(); });
          }
          view.later = later;
          range.addEventListener("input", () => view.move(Number(range.value) - 1));
          watchLanes(canvas, view, model);
          even.setAttribute("aria-pressed", String(settings.even));
          const key = (label, title, action) =>
            el("button", { type: "button", title, "aria-label": title, onclick: action }, label);
          byID("title").replaceChildren(name(requestName(k), "mono"));
          byID("subtitle").replaceChildren(...requestFacts(k));
          byID("main").replaceChildren(
            el("div", { class: "row controls" },
              el("button", { type: "button", onclick: () => go({ request: null, event: null }) },
                "\u2190 All " + noun + "s"),
              key("\u2039", "Previous " + noun + " ([)", () => neighbour(-1)),
              key("\u203a", "Next " + noun + " (])", () => neighbour(1)),
              el("span", { class: "grow" }), even, key("\u2212", "Zoom out (-)", () => view.zoom(2)),
              key("+", "Zoom in (+)", () => view.zoom(.5)), key("Fit", "All of it (0)", () => view.fit())),
            ...callouts(k),
            el("section", { class: "panel", style: "margin-top:14px" }, figure,
              el("div", { class: "slider" },
                key("\u25c2", "Event before (left)", () => view.move(view.at - 1)), range,
                key("\u25b8", "Event after (right)", () => view.move(view.at + 1)), output),
              legendNode(), unreachedNode(model)),
            el("div", { class: "split below" },
              el("section", { class: "panel stack" },
                el("div", {}, stateTitle, stateHost),
                isWorkTold && el("div", {}, el("h3", {}, "Its " + laneNoun + "s"), stagesHost)),
              el("section", { class: "panel stack" },
                el("div", { class: "controls" }, el("h2", { style: "margin-bottom:8px" },
                  counted(n, "event") + " in the order of their numbers"), table.node),
                el("div", {}, eventTitle, eventHost))));
          current = view;
          view.draw();
          table.fill(order);
          view.move(j === null ? n - 1 : j);
        }
        // Clicks choose an event; dragging and the wheel move through time.
        function watchLanes(canvas, view, model) {
          let from = null, hasMoved = false;
          const place = (pointer) => {
            const frame = canvas.getBoundingClientRect();
            const across = (pointer.clientX - frame.left) / frame.width;
            return [across * view.width, pointer.clientY - frame.top];
          };
          const share = (px) => px / Math.max(view.width - laneLabelWidth - 14, 60);
          canvas.addEventListener("pointerdown", (pointer) => {
            from = place(pointer)[0];
            hasMoved = false;
          });
          canvas.addEventListener("pointermove", (pointer) => {
            if (from === null || !(pointer.buttons & 1)) return;
            const at = place(pointer)[0];
            if (!hasMoved && Math.abs(at - from) < 4) return;
            hasMoved = true;
            view.pan(-share(at - from) * (view.window[1] - view.window[0]));
            from = at;
          });
          canvas.addEventListener("click", (pointer) => {
            from = null;
            if (hasMoved) return;
            const [px, py] = place(pointer);
            let best = 0, least = Infinity;
            for (let j = 0; j < model.n; j++) {
              const row = model.rowOf.get(E.lane[model.first + j]);
              const far = Math.abs(view.x(model.times[j]) - px) + Math.abs(model.tops[row] + 15 - py) / 2;
              if (far < least) { least = far; best = j; }
            }
            view.move(best);
          });
          canvas.addEventListener("wheel", (wheel) => {
            const wide = view.window[1] - view.window[0];
            if (wheel.ctrlKey || wheel.metaKey) {
              const at = view.window[0] + share(place(wheel)[0] - laneLabelWidth) * wide;
              view.zoom(wheel.deltaY > 0 ? 1.25 : .8, at);
            } else if (wheel.shiftKey || Math.abs(wheel.deltaX) > Math.abs(wheel.deltaY)) {
              view.pan(share(wheel.deltaX || wheel.deltaY) * wide);
            } else return;
            wheel.preventDefault();
          }, { passive: false });
        }
        """#
}
