extension ReportPage {
    /// The list of requests, its search and its filters.
    static let scriptList = #"""
        // The list of requests: search, filters, order.
        const filters = [
          ["all", titled(noun) + "s", "", () => true], ["failed", "Failed", "bad", (k) => isFailed[k]],
          ["stuck", "Stuck", "slow", (k) => isStuck[k]],
          ["retried", "Retries", "", (k) => isRetried[k]],
          ["unfinished", "Not ended", "", (k) => isUnfinished[k]],
          ["odd", "Odd", "", (k) => isOdd[k]],
        ].filter(([id]) => id === "all" || (id === "odd" ? data.anomalies.length > 0
          : id === "unfinished" ? isEndTold : isWorkTold));
        // What a search looks at, made when it is first needed: ids, words of events, errors, metadata.
        let eventTexts = null;
        function textsOfEvents() {
          if (eventTexts) return eventTexts;
          const lower = words.map((text) => text.toLowerCase());
          const rows = data.metadata.map((row) => row.slice(1));
          eventTexts = { lower, rows };
          return eventTexts;
        }
        // The requests in which some text stands: every word of the search must, anywhere in a request.
        function searched(text) {
          const terms = text.toLowerCase().split(/\s+/).filter((term) => term);
          if (!terms.length) return null;
          const { lower, rows } = textsOfEvents();
          const found = new Uint8Array(requestCount).fill(1);
          const columnsOfWords = ["type", "status", "code", "message", "worker", "service", "reference",
            "given", "tenant"];
          for (const term of terms) {
            const has = lower.map((one) => one.includes(term));
            const hasLane = data.lanes.map((lane) => has[lane]);
            const hasRow = rows.map((row) => row.some((one) => has[one]));
            let kinds = 0;
            data.anomalies.forEach((kind, bit) => { if (kind.includes(term)) kinds |= 1 << bit; });
            const hit = new Uint8Array(requestCount);
            for (let k = 0; k < requestCount; k++) {
              if (has[R.id[k]] || has[R.tenant[k]]) hit[k] = 1;
              if (R.reason[k] !== null && has[R.reason[k]]) hit[k] = 1;
            }
            const used = columnsOfWords.map((one) => E[one])
              .filter((values) => values.some((value) => value !== null));
            for (let k = 0, event = 0; k < requestCount; k++) {
              const end = event + R.events[k];
              for (; event < end && !hit[k]; event++) {
                if (hasLane[E.lane[event]] || (E.anomalies[event] & kinds) ||
                    (E.metadata[event] !== null && hasRow[E.metadata[event]])) hit[k] = 1;
                for (const values of used) if (values[event] !== null && has[values[event]]) hit[k] = 1;
              }
              event = end;
            }
            for (let k = 0; k < requestCount; k++) found[k] &= hit[k];
          }
          return found;
        }
        function isInGroup(k, group) {
          for (let event = R.firstEvent[k]; event < R.firstEvent[k] + R.events[k]; event++) {
            if (E.lane[event] === group.lane && E.code[event] === group.code &&
                words[E.status[event]] === "FAILED") return true;
          }
          return false;
        }
        function isInBucket(k, b) {
          const from = bucketStart(b), to = from + buckets.width;
          if (began[k] >= to || began[k] + took[k] < from) return false;
          for (let event = R.firstEvent[k]; event < R.firstEvent[k] + R.events[k]; event++) {
            if (E.created[event] >= from && E.created[event] < to) return true;
          }
          return false;
        }
        function listed() {
          const filter = filters.find(([id]) => id === settings.filter) || filters[0];
          const found = searched(settings.query);
          const rows = [];
          for (let k = 0; k < requestCount; k++) {
            if (!filter[3](k) || (found && !found[k])) continue;
            if (settings.bucket !== null && !isInBucket(k, settings.bucket)) continue;
            if (settings.group !== null && !isInGroup(k, data.failures[settings.group])) continue;
            rows.push(k);
          }
          const by = listColumns.find((c) => c.name === settings.sort) || listColumns.find((c) =>
            c.name === "began");
          const sign = settings.down ? -1 : 1;
          const keys = rows.map((k) => by.sort(k));
          const order = rows.map((_, at) => at);
          order.sort((a, b) => {
            if (keys[a] === keys[b]) return a - b;
            if (keys[a] === null) return 1;
            if (keys[b] === null) return -1;
            return (keys[a] < keys[b] ? -1 : 1) * sign;
          });
          return order.map((at) => rows[at]);
        }
        // The whole of a request in a few pixels: work, failures, waits.
        function strip(k) {
          const width = 120, length = took[k] || 1;
          const node = svg("svg", { width, height: 14, "aria-hidden": "true",
            viewBox: "0 0 " + width + " 14" });
          const paths = { work: "", failed: "", open: "", wait: "", skipped: "" };
          const end = R.firstSpan[k] + R.spans[k];
          let spanCount = 0;
          for (let s = R.firstSpan[k]; s < end; s++) if (S.kind[s] !== 2) spanCount++;
          node.append(svg("path", { class: "rule", d: "M0 7h" + width }));
          for (let s = R.firstSpan[k], drawn = 0; s < end && drawn < 200; s++) {
            if (S.kind[s] === 2) continue;
            const from = Math.max(0, Math.min(1, S.start[s] / length));
            const to = Math.max(0, Math.min(1, (S.start[s] + S.length[s]) / length));
            if (to - from > .98 && spanCount > 1) continue;
            const kind = spanKind({ s }, R.firstEvent[k]);
            paths[kind] += box(from * (width - 2), kind === "wait" ? 4 : 3,
              Math.max((to - from) * (width - 2), 1.5), kind === "wait" ? 6 : 8);
            drawn++;
          }
          for (const kind in paths) {
            if (paths[kind]) node.append(svg("path", { class: kind, d: paths[kind] }));
          }
          let crosses = "", dots = "", last = -9;
          for (let j = 0; j < R.events[k] && j < 400; j++) {
            const event = R.firstEvent[k] + j;
            const at = ((E.created[event] - began[k]) / length) * (width - 2);
            if (words[E.status[event]] === "FAILED") {
              crosses += "M" + (at - 2).toFixed(1) + " 4l5 5m0 -5l-5 5";
            } else if (spanCount < R.events[k] / 4 && at - last > 2) {
              dots += box(at, 5, 2, 4);
              last = at;
            }
          }
          if (dots) node.append(svg("path", { class: "work", d: dots }));
          if (crosses) node.append(svg("path", { class: "cross", d: crosses }));
          return node;
        }
        const textSort = (column) => (k) => (column[k] === null ? null : words[column[k]]);
        const numberSort = (column) => (k) => Number(column[k]);
        const idWidth = 7.2 * R.id.reduce((most, id) => Math.max(most, Math.min(words[id].length, 32)), 16);
        const manyTenants = new Set(R.tenant).size > 1;
        const listColumns = [
          { name: "id", label: streams ? "key" : "request", width: "minmax(" + idWidth + "px, 1fr)",
            sort: textSort(R.id), cell: (k) => name(requestName(k), "mono") },
          manyTenants && { name: "tenant", label: "tenant", width: "84px", sort: textSort(R.tenant),
            cell: (k) => name(words[R.tenant[k]]) },
          isWorkTold && { name: "status", label: "status", width: "142px", sort: (k) => finalStatus[k],
            cell: (k) => (isStuck[k] ? el("span", { class: "s-wait status" },
              el("i", { "aria-hidden": "true" }, "\u29d6"),
              "stuck: " + (reasonTexts[words[R.reason[k]]] || words[R.reason[k]]))
              : statusNode(finalStatus[k])) },
          { name: "stage", label: laneNoun, width: "minmax(96px, 170px)", sort: textSort(slotOf("stage")),
            cell: (k) => name(words[slotOf("stage")[k]]) },
          { name: "began", label: "began", width: "142px", sort: (k) => began[k],
            cell: (k) => moment(began[k], 0) },
          { name: "took", label: "first to last", width: "74px", end: true, sort: (k) => took[k],
            cell: (k) => span(took[k]) },
          { name: "strip", label: "its time", width: "120px", cell: strip },
          { name: "events", label: "events", width: "52px", end: true, sort: numberSort(R.events),
            cell: (k) => count(R.events[k]) },
          isWorkTold && { name: "failures", label: "failed", width: "46px", end: true,
            sort: numberSort(R.failures), cell: (k) => (R.failures[k] ? el("b", { class: "s-failed" }, count(R.failures[k])) : "") },
          isWorkTold && { name: "attempts", label: "tries", width: "40px", end: true,
            sort: numberSort(slotOf("attempt_max")),
            cell: (k) => (slotOf("attempt_max")[k] > 1 ? String(slotOf("attempt_max")[k]) : "") },
          data.anomalies.length > 0 && { name: "odd", label: "odd", width: "40px", end: true,
            sort: numberSort(slotOf("anomaly_count")), cell: (k) => (isOdd[k] ? count(slotOf("anomaly_count")[k]) : "") },
          isWorkTold && { name: "error", label: "last error", width: "minmax(118px, .6fr)",
            sort: textSort(slotOf("error_code")),
            cell: (k) => (slotOf("error_stage")[k] === null ? ""
              : name(word(slotOf("error_code")[k]) || "without a code")) },
        ].filter((c) => c);
        """#
}
