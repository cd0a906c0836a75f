extension ReportPage {
    /// Makes elements of the document and texts of values.
    static let scriptFormat = #"""
        // Texts: whatever was recorded is shown as text, and never as markup.
        const hiddenMarks =
          /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
        function shown(text) {
          return String(text).replace(hiddenMarks, (mark) => {
            const code = mark.charCodeAt(0);
            if (code < 0x20) return String.fromCharCode(0x2400 + code);
            return "[U+" + code.toString(16).toUpperCase().padStart(4, "0") + "]";
          });
        }
        function add(node, children) {
          for (const child of children) {
            if (child === null || child === undefined || child === false) continue;
            if (Array.isArray(child)) add(node, child);
            else node.append(child);
          }
          return node;
        }
        function el(name, attributes, ...children) {
          const node = document.createElement(name);
          for (const key in attributes || {}) {
            const value = attributes[key];
            if (value === null || value === undefined || value === false) continue;
            if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
            else node.setAttribute(key, value === true ? "" : value);
          }
          return add(node, children);
        }
        function svg(name, attributes, ...children) {
          const node = document.createElementNS("http://www.w3.org/2000/svg", name);
          for (const key in attributes || {}) {
            if (attributes[key] !== null && attributes[key] !== undefined) {
              node.setAttribute(key, attributes[key]);
            }
          }
          return add(node, children);
        }
        const svgText = (x, y, text, kind, anchor) =>
          svg("text", { x, y, class: kind, "text-anchor": anchor }, text);
        const name = (text, kind) => el("bdi", { class: kind }, shown(text));
        const byID = (id) => document.getElementById(id);
        const say = (text) => { byID("live").textContent = text; };

        // A map and no object: a status is any text, also one that every object has as a name.
        const statusMarks = new Map([
          ["COMPLETED", ["\u2713", "s-done"]], ["FAILED", ["\u2715", "s-failed"]],
          ["STARTED", ["\u25b8", ""]], ["SKIPPED", ["\u2013", ""]],
          ["RETRY_SCHEDULED", ["\u21bb", "s-wait"]],
        ]);
        function statusNode(text) {
          if (text === null || (streams && text === "")) return "";
          const mark = statusMarks.get(text) || ["\u00b7", ""];
          return el("span", { class: "status " + mark[1] },
            el("i", { "aria-hidden": "true" }, mark[0]), name(text));
        }
        const reasonTexts = {
          waiting: "waiting", retry_scheduled: "retry planned", retry_overdue: "retry overdue",
          in_doubt: "in doubt", lost_worker: "worker lost", failed: "failed for good",
        };
        const anomalyTexts = {
          late_row: "its number is below one that was seen before",
          duplicate_number: "its number is the highest one seen, again",
          missing_start: "it ends something that never started",
          attempt_regression: "its stage had a later attempt before",
          after_terminal: "it ends work of a request that had ended",
          reopened: "it begins work of a request that had ended",
          clock_inversion: "it was created before the one that it follows",
          unknown_status: "its status is none of the five",
          unknown_stage: "the pipeline has no such stage",
          unknown_event_type: streams ? "the declared path has no such event"
            : "the pipeline has no such event type",
          out_of_order_stage: "none of the stages that it follows was seen",
          tenant_mismatch: "its tenant is not that of the request",
          status_contradiction: "its event type implies another status",
          undeclared_step: "the declared path does not have it after the event before it",
        };
        const count = (number) => Number(number).toLocaleString("en-US");
        const counted = (number, one) => count(number) + " " + one + (number === 1 ? "" : "s");

        // Times: microseconds since 1970, in UTC or in the reader's zone.
        let isLocal = false;
        const two = (number) => String(number).padStart(2, "0");
        function parts(time) {
          const milliseconds = Math.floor(time / 1000);
          const date = new Date(milliseconds);
          const micros = time - milliseconds * 1000;
          const get = isLocal
            ? [date.getFullYear(), date.getMonth(), date.getDate(), date.getHours(), date.getMinutes(),
              date.getSeconds(), date.getMilliseconds()]
            : [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate(), date.getUTCHours(),
              date.getUTCMinutes(), date.getUTCSeconds(), date.getUTCMilliseconds()];
          return { day: get[0] + "-" + two(get[1] + 1) + "-" + two(get[2]), month: get[1], date: get[2],
            year: get[0], hour: get[3], minute: get[4], second: get[5], milli: get[6], micros };
        }
        function clock(time, digits) {
          const p = parts(time);
          let text = two(p.hour) + ":" + two(p.minute) + ":" + two(p.second);
          if (digits === 0) return text;
          const micros = p.milli * 1000 + p.micros;
          if (micros === 0 && digits !== 3) return text;
          text += "." + String(micros).padStart(6, "0").slice(0, micros % 1000 === 0 ? 3 : 6);
          return text;
        }
        const moment = (time, digits) =>
          time === null || time === undefined ? "" : parts(time).day + " " + clock(time, digits);
        function zoneName(time) {
          if (!isLocal) return "UTC";
          const minutes = -new Date(time / 1000).getTimezoneOffset();
          const sign = minutes < 0 ? "-" : "+";
          const size = Math.abs(minutes);
          return "UTC" + sign + two(Math.floor(size / 60)) + ":" + two(size % 60);
        }
        const units = [[86400e6, "d"], [3600e6, "h"], [60e6, "m"], [1e6, "s"]];
        function span(micros) {
          if (micros === null || micros === undefined) return "";
          if (micros < 0) return "-" + span(-micros);
          if (micros < 1000) return Math.round(micros) + "\u00b5s";
          if (micros < 1e6) return trimmed(micros / 1000, micros < 1e4 ? 1 : 0) + "ms";
          if (micros < 60e6) return trimmed(micros / 1e6, micros < 10e6 ? 2 : 1) + "s";
          const index = units.findIndex((unit) => micros >= unit[0]);
          const whole = Math.floor(micros / units[index][0]);
          const next = units[index + 1];
          const rest = next ? Math.floor((micros - whole * units[index][0]) / next[0]) : 0;
          return count(whole) + units[index][1] + (rest > 0 ? " " + rest + next[1] : "");
        }
        const trimmed = (number, digits) => String(Number(number.toFixed(digits)));
        const milliseconds = (number) => (number === null ? "" : span(Number(number) * 1000));

        // Marks of an axis: round times, few enough to stand apart.
        const steps = [1, 2, 5, 10, 20, 50, 100, 200, 500].map((n) => n * 1000).concat(
          [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400,
            172800, 345600, 604800, 1209600, 2419200, 4838400, 9676800, 31536000, 63072000, 157680000]
            .map((n) => n * 1e6));
        function ticks(from, to, most) {
          const step = steps.find((size) => (to - from) / size <= most) || steps[steps.length - 1];
          if (step > 20 * 86400e6) return { marks: monthMarks(from, to, step), step };
          const shift = isLocal ? new Date(from / 1000).getTimezoneOffset() * 60e6 : 0;
          const marks = [];
          for (let at = Math.ceil((from - shift) / step) * step + shift; at <= to; at += step) {
            marks.push(at);
            if (marks.length > 200) break;
          }
          return { marks, step };
        }
        // The first days of months, every so many of them.
        function monthMarks(from, to, step) {
          const every = Math.round(step / 2592000e6);
          const p = parts(from);
          const marks = [];
          for (let month = p.year * 12 + p.month; marks.length < 200; month++) {
            if (month % (every < 12 ? every : Math.round(every / 12) * 12)) continue;
            const [year, rest] = [Math.floor(month / 12), month % 12];
            const at = (isLocal ? new Date(year, rest, 1).getTime() : Date.UTC(year, rest, 1)) * 1000;
            if (at > to) break;
            if (at >= from) marks.push(at);
          }
          return marks;
        }
        const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov",
          "Dec"];
        function tickText(time, step) {
          const p = parts(time);
          if (step >= 20 * 86400e6) return months[p.month] + " " + p.year;
          if (step >= 86400e6) return p.date + " " + months[p.month];
          if (step >= 60e6) {
            const isMidnight = p.hour === 0 && p.minute === 0;
            return isMidnight ? p.date + " " + months[p.month] : two(p.hour) + ":" + two(p.minute);
          }
          if (step >= 1e6) return clock(time, 0);
          return ":" + two(p.second) + "." + String(p.milli).padStart(3, "0");
        }
        """#
}
