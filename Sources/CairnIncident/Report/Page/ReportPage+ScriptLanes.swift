extension ReportPage {
    /// Draws the lanes of a request.
    static let scriptLanes = #"""
        // One request over time: a lane for each stage.
        const laneLabelWidth = 168, laneTop = 26, axisHeight = 26, barHeight = 16;
        function laneModel(k) {
          const first = R.firstEvent[k], n = R.events[k];
          const used = [...new Set(E.lane.slice(first, first + n))].sort((a, b) => a - b);
          const rowOf = new Map(used.map((lane, row) => [lane, row]));
          const ends = used.map(() => []);
          const spans = [], gaps = [];
          const hasSpan = new Uint8Array(n);
          let from = began[k], to = began[k] + took[k];
          for (let s = R.firstSpan[k]; s < R.firstSpan[k] + R.spans[k]; s++) {
            const start = began[k] + S.start[s], end = start + S.length[s];
            from = Math.min(from, start);
            to = Math.max(to, end);
            if (S.kind[s] === 2) { gaps.push({ start, end }); continue; }
            if (S.first[s] !== null) hasSpan[S.first[s]] = 1;
            if (S.last[s] !== null) hasSpan[S.last[s]] = 1;
            spans.push({ s, start, end, row: rowOf.get(S.lane[s]), sub: 0 });
          }
          // What overlaps in a lane stands in rows below each other, four at most.
          spans.sort((a, b) => a.start - b.start || b.end - a.end);
          for (const one of spans) {
            const rows = ends[one.row];
            let sub = rows.findIndex((end) => end <= one.start);
            if (sub < 0) sub = rows.length < 4 ? rows.length : 3;
            rows[sub] = Math.max(rows[sub] || -Infinity, one.end);
            one.sub = sub;
          }
          // A lane with errors has room for their words below.
          const hasError = used.map(() => false);
          for (let j = 0; j < n; j++) {
            if (words[E.status[first + j]] === "FAILED" && E.code[first + j] !== null) {
              hasError[rowOf.get(E.lane[first + j])] = true;
            }
          }
          const tops = [], wordsAt = [];
          let height = laneTop;
          ends.forEach((rows, row) => {
            tops.push(height);
            const tall = Math.max(rows.length, 1) * (barHeight + 3);
            wordsAt.push(height + 7 + tall + 8);
            height += tall + 13 + (hasError[row] ? 12 : 0);
          });
          const times = Array.from({ length: n }, (_, j) => E.created[first + j]);
          const byTime = Array.from({ length: n }, (_, j) => j);
          byTime.sort((a, b) => times[a] - times[b] || a - b);
          return { k, first, n, used, rowOf, spans, gaps, hasSpan, from, to, tops, wordsAt, height, times,
            byTime };
        }
        // Where an instant stands between 0 and 1: by time, or by what happens, each as wide as the next.
        function laneScale(model, isEven) {
          const length = model.to - model.from || 1;
          if (!isEven) {
            return { at: (time) => (time - model.from) / length,
              time: (u) => model.from + u * length };
          }
          const all = [model.from, model.to, ...model.times];
          for (const one of model.spans) all.push(one.start, one.end);
          all.sort((a, b) => a - b);
          const knots = all.filter((time, j) => j === 0 || time !== all[j - 1]);
          const most = knots.length - 1 || 1;
          function place(time) {
            let low = 0, high = knots.length - 1;
            while (low < high) {
              const middle = (low + high) >> 1;
              if (knots[middle] < time) low = middle + 1; else high = middle;
            }
            if (low === 0 || knots[low] === time) return low;
            return low - 1 + (time - knots[low - 1]) / (knots[low] - knots[low - 1]);
          }
          return {
            knots,
            at: (time) => place(time) / most,
            time: (u) => {
              const where = Math.max(0, Math.min(most, u * most));
              const low = Math.min(Math.floor(where), knots.length - 1);
              const high = Math.min(low + 1, knots.length - 1);
              return knots[low] + (knots[high] - knots[low]) * (where - low);
            },
          };
        }
        const textWidth = (text) => text.length * 6.2;
        function spanKind(span, first) {
          if (S.kind[span.s] === 1) return "wait";
          const last = S.last[span.s];
          if (last === null) return "open";
          const status = words[E.status[first + last]];
          return status === "FAILED" ? "failed" : status === "SKIPPED" ? "skipped" : "work";
        }
        function spanText(span, kind, first) {
          const length = milliseconds((span.end - span.start) / 1000);
          if (kind === "wait") return "wait " + length;
          const event = first + (S.last[span.s] === null ? S.first[span.s] : S.last[span.s]);
          const attempt = Number(E.attempt[event]);
          const prefix = kind === "open" ? "open " : "";
          return prefix + length + (attempt > 1 ? " \u00b7 attempt " + attempt : "");
        }
        const box = (x, y, w, h) => "M" + x.toFixed(1) + " " + y + "h" + w.toFixed(1) + "v" + h + "h" +
          (-w).toFixed(1) + "z";
        // Draws the lanes into an element of SVG.
        function drawLanes(node, model, scale, view, width) {
          const { k, first, tops, height } = model;
          const left = laneLabelWidth, plot = Math.max(width - left - 14, 60);
          const x = (time) => left + ((scale.at(time) - view[0]) / (view[1] - view[0])) * plot;
          const bottom = height;
          const back = svg("g"), bars = svg("g"), marks = svg("g"), labels = svg("g");
          const isInSight = (a, b) => b >= left - 2 && a <= left + plot + 2;
          const cut = (at) => Math.max(left - 1, Math.min(left + plot + 1, at));
          model.used.forEach((lane, row) => {
            const end = row + 1 < tops.length ? tops[row + 1] : bottom;
            if (row % 2 === 0) {
              back.append(svg("rect", { class: "band", x: 0, y: tops[row], width, height: end - tops[row],
                "fill-opacity": .55 }));
            }
            const label = svgText(4, (tops[row] + end) / 2 + 4, shown(fitted(lanes[lane], 23)), "lane");
            label.append(svg("title", {}, shown(lanes[lane])));
            labels.append(label);
          });
          drawAxis(back, model, scale, view, left, plot, bottom, x);
          for (const gap of model.gaps) {
            const a = x(gap.start), b = x(gap.end);
            if (!isInSight(a, b)) continue;
            const [from, to] = [cut(a), cut(b)];
            back.append(svg("path", { class: "gap",
              d: "M" + from + " " + laneTop + "V" + bottom + "M" + to + " " + laneTop + "V" + bottom }));
            const text = "gap " + milliseconds((gap.end - gap.start) / 1000);
            if (to - from > textWidth(text) + 8) {
              back.append(svgText((from + to) / 2, laneTop - 8, text, "t-soft", "middle"));
            }
          }
          const thin = new Map();
          const thinEnd = new Map();
          for (const span of model.spans) {
            const a = x(span.start);
            if (a > left + plot + 2) break;
            const b = x(span.end);
            if (!isInSight(a, b)) continue;
            const kind = spanKind(span, first);
            const [from, to] = [cut(a), cut(b)];
            const y = tops[span.row] + 7 + span.sub * (barHeight + 3);
            const size = Math.max(to - from, 2.5);
            if (size < 7) {
              // Many thin ones are one path, and of those on one spot there is one.
              const key = kind + " " + span.row + " " + span.sub;
              if (from - (thinEnd.has(key) ? thinEnd.get(key) : -9) < 1) continue;
              thinEnd.set(key, from);
              if (!thin.has(kind)) thin.set(kind, []);
              thin.get(kind).push(box(from, y, size, barHeight));
              continue;
            }
            const text = spanText(span, kind, first);
            const bar = svg("rect", { class: kind, x: from.toFixed(1), y, width: size.toFixed(1),
              height: barHeight, rx: 2.5 });
            bar.append(svg("title", {}, shown(lanes[model.used[span.row]] + ": " + text)));
            bars.append(bar);
            if (size > textWidth(text) + 10) {
              if (kind === "wait") {
                bars.append(svg("rect", { class: "under", x: from + 3, y: y + 2, height: barHeight - 4,
                  width: textWidth(text) + 4, rx: 2 }));
              }
              bars.append(svgText(from + 6, y + 12, text,
                kind === "wait" ? "t-wait" : kind === "open" ? "t-soft" : "t-in"));
            }
          }
          for (const [kind, paths] of thin) bars.append(svg("path", { class: kind, d: paths.join("") }));
          drawMarks(marks, model, x, left, plot);
          node.replaceChildren(back, bars, marks, labels, svg("g", { class: "now" }));
          node.setAttribute("viewBox", "0 0 " + width + " " + (bottom + axisHeight));
          node.setAttribute("width", width);
          node.setAttribute("height", bottom + axisHeight);
          return x;
        }
        function fitted(text, most) {
          return text.length <= most ? text : text.slice(0, most - 1) + "\u2026";
        }
        function drawAxis(back, model, scale, view, left, plot, bottom, x) {
          const from = scale.time(view[0]), to = scale.time(view[1]);
          const most = Math.max(2, Math.floor(plot / 110));
          back.append(svg("path", { class: "axis", d: "M" + left + " " + bottom + "h" + plot }));
          let marks;
          if (model.isEven) {
            const seen = scale.knots.filter((time) => time >= from && time <= to);
            const every = Math.max(1, Math.ceil(seen.length / most));
            marks = seen.filter((_, at) => at % every === 0).map((time) => {
              const p = parts(time);
              const day = to - from > 86400e6 ? p.date + " " + months[p.month] + " " : "";
              return [time, day + clock(time)];
            });
          } else {
            const round = ticks(from, to, most);
            marks = round.marks.map((time) => [time, tickText(time, round.step)]);
          }
          let end = 0;
          for (const [time, text] of marks) {
            const at = x(time);
            if (at < left - 1 || at > left + plot + 1) continue;
            const line = "M" + at.toFixed(1) + " " + laneTop + "V" + bottom;
            back.append(svg("path", { class: "rule", d: line }));
            const half = textWidth(text) / 2;
            const middle = Math.max(left + half, Math.min(left + plot + 10 - half, at));
            if (middle - half < end + 6) continue;
            end = middle + half;
            back.append(svgText(middle.toFixed(1), bottom + 17, text, "t-soft", "middle"));
          }
          back.append(svgText(4, bottom + 17, parts(Math.max(from, model.from)).day + " " + zoneName(from),
            "t-soft"));
        }
        // Events that no bar tells of, errors with their words, and what is odd.
        function drawMarks(marks, model, x, left, plot) {
          const { first, n, tops } = model;
          const bound = (limit) => {
            let low = 0, high = n;
            while (low < high) {
              const middle = (low + high) >> 1;
              if (x(model.times[model.byTime[middle]]) < limit) low = middle + 1; else high = middle;
            }
            return low;
          };
          const seen = model.byTime.slice(bound(left - 3), bound(left + plot + 3));
          let oddCount = 0;
          for (const j of seen) if (E.anomalies[first + j]) oddCount++;
          const lastDot = new Map(), lastCross = new Map(), lastOdd = new Map();
          const isFree = (map, row, at, least) => {
            if (map.has(row) && at - map.get(row) < least) return false;
            map.set(row, at);
            return true;
          };
          const thread = [];
          const crosses = [];
          for (const j of seen) {
            const event = first + j, row = model.rowOf.get(E.lane[event]);
            const at = x(model.times[j]), y = tops[row] + 7 + barHeight / 2;
            const isFailure = words[E.status[event]] === "FAILED";
            if (!model.hasSpan[j]) {
              thread.push(at.toFixed(1) + " " + y);
              const isPlan = words[E.status[event]] === "RETRY_SCHEDULED";
              if (!isFailure && !isPlan && isFree(lastDot, row, at, 4)) {
                const kind = words[E.status[event]] === "COMPLETED" ? "dot" : "dot other";
                marks.append(svg("circle", { class: kind, cx: at.toFixed(1), cy: y, r: 4 },
                  svg("title", {}, shown(words[E.type[event]] + " " + words[E.status[event]]))));
              }
            }
            if (isFailure && isFree(lastCross, row, at, 10)) crosses.push([j, row, at, y]);
            if (E.anomalies[event] && isFree(lastOdd, row, at, 9)) {
              const top = tops[row] - 1;
              marks.append(svg("path", { class: "odd",
                d: "M" + at.toFixed(1) + " " + top + "l4.5 8h-9z" },
                svg("title", {}, anomalyNames(E.anomalies[event]).join(", "))));
              const text = anomalyNames(E.anomalies[event]).join(", ");
              if (oddCount <= 12 && text !== "unknown_status") {
                const isLate = left + plot - at < textWidth(text) + 10;
                marks.append(svgText(isLate ? at - 8 : at + 8, top + 5, text, "t-wait",
                  isLate ? "end" : "start"));
              }
            }
          }
          const wordsEnd = new Map(), codeTold = new Map();
          for (const [j, row, at, y] of crosses) {
            const code = word(E.code[first + j]);
            const path = "M" + (at - 4).toFixed(1) + " " + (y - 4) + "l8 8m0 -8l-8 8";
            marks.append(svg("path", { class: "halo", d: path }), svg("path", { class: "cross", d: path },
              svg("title", {}, shown((code || "failed") + ": " + (word(E.message[first + j]) || "")))));
            if (code === null) continue;
            const text = fitted(shown(code), 40);
            const told = codeTold.get(row);
            if (told && told[0] === text && at - told[1] < 240) continue;
            codeTold.set(row, [text, at]);
            const isLate = at + textWidth(text) > left + plot + 8;
            const from = isLate ? at - textWidth(text) : at - 4;
            if (wordsEnd.has(row) && from < wordsEnd.get(row) + 6) continue;
            wordsEnd.set(row, from + textWidth(text));
            marks.append(svgText(isLate ? at + 4 : from, model.wordsAt[row], text, "t-fail",
              isLate ? "end" : "start"));
          }
          if (thread.length > n / 2 && thread.length < 3000) {
            marks.prepend(svg("path", { class: "thread", d: "M" + thread.join("L") }));
          }
        }
        function legendNode() {
          const sample = (kind, text) => el("span", {}, svg("svg", { width: 22, height: 12 },
            kind === "cross" ? svg("path", { class: kind, d: "M7 2l8 8m0 -8l-8 8" })
              : kind === "odd" ? svg("path", { class: kind, d: "M11 2l4.5 8h-9z" })
                : kind.startsWith("dot") ? svg("circle", { class: kind, cx: 11, cy: 6, r: 4 })
                  : svg("rect", { class: kind, x: 1, y: 1, width: 20, height: 10, rx: 2 })), text);
          return el("div", { class: "legend small soft" }, isWorkTold && [sample("work", "completed"),
            sample("failed", "failed"), sample("open", "not ended"), sample("wait", "waits for its retry")],
          sample(isWorkTold ? "dot" : "dot other", "single event"), isWorkTold && sample("cross", "error"),
          data.anomalies.length > 0 && sample("odd", "anomaly"));
        }
        """#
}
