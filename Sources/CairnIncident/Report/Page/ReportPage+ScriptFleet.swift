extension ReportPage {
    /// The view of all requests over time.
    static let scriptFleet = #"""
        // All requests over time: throughput, failures, what was stuck, and how long stages took.
        const chartLabelWidth = 190;
        const bucketStart = (b) => buckets.start + b * buckets.width;
        function bucketText(b) {
          const parts = [moment(bucketStart(b)) + " to " + clock(bucketStart(b + 1)) + ":",
            counted(buckets.events[b], "event") + ",", counted(buckets.begun[b], noun) + " begun,",
            ...(isWorkTold ? [counted(buckets.failures[b], "failure") + ",",
              count(buckets.stuck[b]) + " stuck"] : [])];
          buckets.lanes.forEach((lane, at) => {
            const failed = lane.failures[b] || 0;
            if (lane.p95s[b] === null || lane.p95s[b] === undefined) {
              if (failed) parts.push("\u00b7 " + shown(lanes[at]) + " " + failed + " failed");
              return;
            }
            if (failed || lane.p95s[b] > 2 * lane.p95) {
              parts.push("\u00b7 " + shown(lanes[at]) + " p95 " + milliseconds(lane.p95s[b]) +
                (failed ? ", " + failed + " failed" : ""));
            }
          });
          return parts.join(" ");
        }
        function drawFleet(node, width) {
          const left = chartLabelWidth, plot = Math.max(width - left - 10, 60);
          const n = buckets.count, step = plot / n;
          const x = (time) => left + ((time - buckets.start) / (buckets.width * n)) * plot;
          const rows = svg("g");
          let y = 6;
          const put = (label, note, height, draw, kind) => {
            const title = svgText(0, y + height / 2 + (note ? -2 : 4), shown(fitted(label, 27)), kind);
            title.append(svg("title", {}, shown(label)));
            rows.append(title);
            if (note) rows.append(svgText(0, y + height / 2 + 12, note, "t-soft"));
            rows.append(svg("path", { class: "rule", d: "M" + left + " " + (y + height) + "h" + plot }));
            draw(y, height);
            y += height + 12;
          };
          const bars = (values, kind) => (top, height) => {
            const most = Math.max(...values, 1);
            let path = "";
            values.forEach((value, b) => {
              if (!value) return;
              const size = Math.max((value / most) * height, 1.5);
              const wide = Math.max(step - (step > 4 ? 1.2 : .3), 1);
              path += box(left + b * step, (top + height - size).toFixed(1), wide, size.toFixed(1));
            });
            rows.append(svg("path", { class: "bar " + kind, d: path || "M0 0" }));
          };
          const sum = (values) => values.reduce((a, b) => a + b, 0);
          const most = (values) => Math.max(...values, 0);
          put("Events", counted(sum(buckets.events), "event") + ", at most " + count(most(buckets.events)),
            46, bars(buckets.events, ""));
          if (isWorkTold) {
            put("Failures", sum(buckets.failures) ? count(sum(buckets.failures)) + ", at most " +
              count(most(buckets.failures)) : "none", 34, bars(buckets.failures, "bad"));
            put("Stuck", most(buckets.stuck) ? "at most " + count(most(buckets.stuck)) + ", " +
              count(buckets.stuck[n - 1]) + " at the end" : "none", 34, bars(buckets.stuck, "slow"));
          }
          const timed = buckets.lanes.map((lane, at) => [lane, at]).filter(([lane]) => lane.count > 0);
          y += 8;
          rows.append(svgText(0, y + 6, timed.length ? "p95 of each " + laneNoun
            : isWorkTold ? "No event has a duration" : "", "t-soft"));
          y += 14;
          for (const [lane, at] of timed) {
            put(lanes[at], "p95 " + milliseconds(lane.p95) + ", max " + milliseconds(lane.max), 26,
              (top, height) => drawPercentiles(rows, lane, left, step, top, height));
          }
          const bottom = y - 6;
          const axis = ticks(buckets.start, bucketStart(n), Math.max(2, Math.floor(plot / 90)));
          for (const time of axis.marks) {
            const at = x(time).toFixed(1);
            rows.prepend(svg("path", { class: "rule", d: "M" + at + " 4V" + bottom }));
            rows.append(svgText(at, bottom + 15, tickText(time, axis.step), "t-soft",
              at > left + plot - 20 ? "end" : "middle"));
          }
          rows.append(svgText(0, bottom + 15, parts(buckets.start).day + " " + zoneName(buckets.start),
            "t-soft"));
          const height = bottom + 22;
          node.replaceChildren(rows, svg("g", { class: "now" }));
          node.setAttribute("viewBox", "0 0 " + width + " " + height);
          node.setAttribute("width", width);
          node.setAttribute("height", height);
          return { left, step, plot, bottom };
        }
        function drawPercentiles(rows, lane, left, step, top, height) {
          const most = Math.max(...lane.p95s.map((value) => value || 0), 1e-9);
          let path = "", isOpen = false;
          lane.p95s.forEach((value, b) => {
            if (value === null) { isOpen = false; return; }
            const y = (top + height - (value / most) * (height - 3)).toFixed(1);
            const from = (left + b * step).toFixed(1), to = (left + (b + 1) * step).toFixed(1);
            path += (isOpen ? "V" + y : "M" + from + " " + y) + "H" + to;
            isOpen = true;
          });
          rows.append(svg("path", { class: "line", d: path || "M0 0" }));
          lane.failures.forEach((failed, b) => {
            if (!failed) return;
            const at = left + (b + .5) * step - 3;
            rows.append(svg("path", { class: "cross",
              d: "M" + at.toFixed(1) + " " + (top + height - 7) + "l6 6m0 -6l-6 6" },
              svg("title", {}, failed + " failed")));
          });
        }
        // The charts with their chosen stretch of time, by pointer or by keys.
        function fleetNode() {
          const canvas = svg("svg", { class: "fit", role: "slider", tabindex: "0", "aria-valuemin": 1,
            "aria-valuemax": buckets.count, "aria-valuenow": 1, "aria-label": "Stretch of time" });
          const readout = el("p", { class: "small soft", style: "min-height:3em;margin-top:6px" });
          let shape = null, at = settings.bucket === null ? -1 : settings.bucket;
          function point(b, isHover) {
            if (b < 0 || b >= buckets.count) return;
            if (!isHover) at = b;
            canvas.lastChild.replaceChildren(svg("rect", { class: "pick", x: shape.left + b * shape.step,
              y: 0, width: Math.max(shape.step, 2), height: shape.bottom }));
            readout.replaceChildren(name(bucketText(b)));
            canvas.setAttribute("aria-valuenow", b + 1);
            canvas.setAttribute("aria-valuetext", bucketText(b));
          }
          function rest() {
            canvas.lastChild.replaceChildren();
            readout.textContent = "One bar is " + span(buckets.width) +
              ". Point at one, or go there with the arrow keys; Enter or a click lists its " + noun + "s.";
            if (settings.bucket !== null) point(settings.bucket);
          }
          const bucketAt = (pointer) => {
            const frame = canvas.getBoundingClientRect();
            return Math.floor((pointer.clientX - frame.left - shape.left) / shape.step);
          };
          canvas.addEventListener("pointermove", (pointer) => point(bucketAt(pointer), true));
          canvas.addEventListener("pointerleave", rest);
          canvas.addEventListener("click", (pointer) => {
            const b = bucketAt(pointer);
            if (b >= 0 && b < buckets.count) choose({ bucket: settings.bucket === b ? null : b });
          });
          canvas.addEventListener("keydown", (press) => {
            const moves = { ArrowRight: 1, ArrowLeft: -1, PageDown: 10, PageUp: -10 };
            if (press.key in moves) {
              point(Math.max(0, Math.min(buckets.count - 1, at + moves[press.key])));
            } else if (press.key === "Home") point(0);
            else if (press.key === "End") point(buckets.count - 1);
            else if (press.key === "Enter" && at >= 0) {
              choose({ bucket: settings.bucket === at ? null : at });
            } else return;
            press.preventDefault();
            press.stopPropagation();
          });
          const figure = el("figure", { class: "figure", id: "fleet" }, canvas);
          return {
            node: el("section", { class: "panel" }, el("h2", {}, "Over time"), figure,
              el("div", { class: "controls" }, readout)),
            draw(width) {
              shape = drawFleet(canvas, width || Math.max(figure.clientWidth || 760, 320));
              rest();
            },
          };
        }
        // What there is to say beside the charts.
        function findingsNode() {
          const nodes = [isWorkTold && ["What failed", failuresNode()],
            isWorkTold && ["What is stuck", stuckNode()],
            data.anomalies.length > 0 && ["What is odd", oddNode()]]
            .filter((one) => one).map(([title, node]) => el("div", {}, el("h2", {}, title), node));
          return nodes.length ? el("section", { class: "panel stack" }, nodes) : null;
        }
        // What failed, by stage and error code, and what is stuck: where to look first.
        function failuresNode() {
          if (!data.failures.length) return el("p", { class: "soft" }, "No event failed.");
          return el("table", { id: "failures" },
            el("thead", {}, el("tr", {}, el("th", { scope: "col" }, laneNoun + " and error"),
              el("th", { scope: "col", class: "end" }, "events"),
              el("th", { scope: "col", class: "end" }, noun + "s"),
              el("th", { scope: "col" }, "first, last"))),
            el("tbody", {}, data.failures.slice(0, 12).map((group, at) => el("tr", {},
              el("td", {},
                el("button", { type: "button", class: "link", title: "List these " + noun + "s",
                  onclick: () => choose({ group: settings.group === at ? null : at }) },
                  el("span", { class: "s-failed", "aria-hidden": "true" }, "\u2715 "),
                  name(lanes[group.lane]), " \u00b7 ",
                  name(group.code === null ? "without a code" : words[group.code])),
                group.message === null ? null
                  : el("div", { class: "small soft" }, name(fitted(words[group.message], 120)))),
              el("td", { class: "end" }, count(group.events)),
              el("td", { class: "end" }, count(group.requests)),
              el("td", { class: "small nowrap" },
                el("button", { type: "button", class: "link", title: "Open the first one",
                  onclick: () => go({ request: group.request, event: group.event }) },
                  moment(group.first, 0)), el("div", {}, moment(group.last, 0)))))));
        }
        function stuckNode() {
          const stuck = [];
          for (let k = 0; k < requestCount; k++) if (isStuck[k]) stuck.push(k);
          if (!stuck.length) return el("p", { class: "soft" }, "Nothing is stuck.");
          const groups = new Map();
          for (const k of stuck) {
            const key = words[slotOf("stage")[k]] + "\u0000" + words[R.reason[k]];
            if (!groups.has(key)) groups.set(key, []);
            groups.get(key).push(k);
          }
          const sorted = [...groups.values()].sort((a, b) => b.length - a.length).slice(0, 10);
          for (const list of sorted) list.sort((a, b) => R.since[a] - R.since[b]);
          return el("table", { id: "stuck" },
            el("thead", {}, el("tr", {}, el("th", { scope: "col" }, laneNoun + " and reason"),
              el("th", { scope: "col", class: "end" }, noun + "s"),
              el("th", { scope: "col" }, "longest"))),
            el("tbody", {}, sorted.map((list) => el("tr", {},
              el("td", {}, name(words[slotOf("stage")[list[0]]]), " \u00b7 ",
                reasonTexts[words[R.reason[list[0]]]] || words[R.reason[list[0]]]),
              el("td", { class: "end" }, count(list.length)),
              el("td", {}, el("button", { type: "button", class: "link mono small",
                onclick: () => go({ request: list[0], event: null }) }, name(requestName(list[0]))),
                el("div", { class: "small soft" }, span(scope.now - R.since[list[0]])))))));
        }
        function oddNode() {
          const kinds = data.anomalies.map((kind) => {
            const counts = slotOf("anomalies." + kind);
            let events = 0, requests = 0;
            for (const one of counts) { events += Number(one); requests += one > 0 ? 1 : 0; }
            return [kind, events, requests];
          }).filter(([, events]) => events > 0).sort((a, b) => b[1] - a[1]);
          if (!kinds.length) return el("p", { class: "soft" }, "Nothing is odd.");
          return el("table", { id: "odd" }, el("thead", {}, el("tr", {},
            el("th", { scope: "col" }, "anomaly"), el("th", { scope: "col", class: "end" }, "events"),
            el("th", { scope: "col", class: "end" }, noun + "s"))),
          el("tbody", {}, kinds.map(([kind, events, requests]) => el("tr", {},
            el("td", {}, el("button", { type: "button", class: "link",
              onclick: () => choose({ query: kind }) }, kind),
            el("div", { class: "small soft" }, anomalyTexts[kind])),
            el("td", { class: "end" }, count(events)), el("td", { class: "end" }, count(requests))))));
        }
        """#
}
