/// The table of one run, the same content as text and as JSON.
struct Report: Encodable {
    struct Line: Encodable {
        let row: String
        let side: String
        let unit: String
        /// Median of the repeats; nil for a side that a goal names and that did not take part.
        var value: Double?
        /// Half the range of the repeats as a fraction of the median.
        var spread: Double?
        /// Median of a second figure, and its unit.
        var also: Double?
        var alsoUnit: String?
        /// p50, p99 and p99.9 in microseconds, nil of too few latencies; empty where nothing ran.
        var quantiles: [Double?] = []
        /// Median of the ratios within each repeat, against ``baseline``.
        var ratio: Double?
        var baseline: String?
        var goal: String?
        var isMet: Bool?
        /// Of the result, in hexadecimal digits.
        var hash: String?
        var hashIsEqual: Bool?
    }

    /// What the reader of some rows' figures must know.
    struct Note: Encodable {
        var rows: [String]
        let text: String
    }

    let machine: Machine
    let seed: UInt64
    let eventCount: Int
    let repeatCount: Int
    /// All runs, and those that began although flushes were slow; see ``QuietDisk``.
    var runCount = 0
    var busyRunCount = 0
    var lines: [Line] = []
    var notes: [Note] = []

    private var hasFailures = false

    /// Whether every row was measured and every result is the workload's.
    var isSound: Bool { !hasFailures && lines.allSatisfy { $0.hashIsEqual ?? true } }

    init(machine: Machine, seed: UInt64, eventCount: Int, repeatCount: Int) {
        self.machine = machine
        self.seed = seed
        self.eventCount = eventCount
        self.repeatCount = repeatCount
    }

    /// Notes a row, or a side of several, that could not be measured to its end.
    mutating func addFailure(of name: String, _ reason: String) {
        hasFailures = true
        note("NOT MEASURED: \(reason)", of: name)
    }

    /// Adds a line for each side, and one more for each further goal of a side.
    mutating func add(_ row: Row, _ results: [SideResult]) {
        for text in row.notes { note(text, of: row.name) }
        for result in results {
            let goals = row.goals.filter { $0.side == result.name }
            if goals.isEmpty { lines.append(line(row, result, nil, results)) }
            for goal in goals { lines.append(line(row, result, goal, results)) }
        }
        for goal in row.goals where !results.contains(where: { $0.name == goal.side }) {
            lines.append(
                Line(
                    row: row.name,
                    side: goal.side,
                    unit: row.metric.unit,
                    baseline: goal.baseline,
                    goal: goal.text
                )
            )
        }
    }

    private mutating func note(_ text: String, of row: String) {
        if let index = notes.firstIndex(where: { $0.text == text }) {
            notes[index].rows.append(row)
        } else {
            notes.append(Note(rows: [row], text: text))
        }
    }

    private func line(
        _ row: Row,
        _ result: SideResult,
        _ goal: Goal?,
        _ results: [SideResult]
    ) -> Line {
        let baselineName = goal?.baseline ?? row.baseline
        let value = result.values.median
        var line = Line(
            row: row.name,
            side: result.name,
            unit: row.metric.unit,
            value: value,
            spread: result.values.relativeHalfRange,
            also: result.also,
            alsoUnit: row.also?.unit,
            quantiles: result.quantiles,
            baseline: goal?.baseline,
            goal: goal?.text,
            hash: result.hash.hexadecimal,
            hashIsEqual: result.hashesAreEqual
        )
        if let baseline = results.first(where: { $0.name == baselineName }) {
            // Ratios are taken inside a repeat, where both sides met the same machine.
            line.ratio = zip(result.values, baseline.values).map { $0 / $1 }.median
            line.baseline = baselineName
        }
        // A figure for the wrong result meets nothing.
        // Nothing can be said against a side that did not take part.
        line.isMet = goal.flatMap { goal in
            guard goal.baseline == nil || line.ratio != nil else { return nil }
            return result.hashesAreEqual && goal.isMet(value: value, ratio: line.ratio ?? .nan)
        }
        return line
    }
}

extension UInt64 {
    /// All sixteen digits.
    fileprivate var hexadecimal: String {
        let digits = String(self, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
