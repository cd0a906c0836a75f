import Foundation

extension Report {
    var text: String {
        let header =
            ["row", "side", "value", "unit", "+/-", "also"] + Outcome.quantileNames
            + ["ratio", "against", "goal", "met", "hash"]
        let table = [header] + lines.map(Self.cells)
        let widths = header.indices.map { column in
            table.map { $0[column].count }.max() ?? 0
        }
        let numeric: Set = [2, 4, 6, 7, 8, 9]
        let rows = table.map { cells in
            cells.indices.map { column in
                let padding = String(repeating: " ", count: widths[column] - cells[column].count)
                return numeric.contains(column) ? padding + cells[column] : cells[column] + padding
            }
            .joined(separator: "  ")
            .trimmingCharacters(in: .whitespaces)
        }
        let remarks = notes.map { "\($0.rows.joined(separator: ", ")): \($0.text)" }
        return (heading + rows + (remarks.isEmpty ? [] : [""] + remarks))
            .joined(separator: "\n")
    }

    private var heading: [String] {
        [
            "seed \(seed), \(eventCount) events, median of \(repeatCount)",
            "durability: every commit is flushed; \(machine.lmdbVersion) twice, Cairn once and sealed,"
                + " SQLite \(machine.sqliteVersion) WAL synchronous=FULL; \(machine.rocksDB);"
                + " \(machine.postgres)",
            "machine: \(machine.coreCount) cores, \(machine.system)",
            "disk: \(machine.fileSystem), fdatasync of a 4 KiB overwrite"
                + " p50 \(machine.flushMedianMicroseconds.figureText) us,"
                + " p99 \(machine.flushP99Microseconds.figureText) us",
            "runs: \(runCount), of which \(busyRunCount) began on a busy disk",
            "",
        ]
    }

    private static func cells(_ line: Line) -> [String] {
        let quantiles = line.quantiles.map { $0?.figureText ?? "" }
        let figures = [
            line.row, line.side, line.value?.figureText ?? "not run", line.unit,
            line.spread.map { "\(Int(($0 * 100).rounded()))%" } ?? "",
            line.also.map { "\($0.figureText) \(line.alsoUnit ?? "")" } ?? "",
        ]
        let verdict = [
            line.ratio.map { "\($0.figureText)x" } ?? "",
            line.baseline ?? "",
            line.goal ?? "",
            line.isMet.map { $0 ? "yes" : "NO" } ?? "",
            line.hashIsEqual.map { "\(line.hash ?? "") \($0 ? "equal" : "DIFFERS")" } ?? "",
        ]
        return figures + (quantiles.isEmpty ? Outcome.quantileNames.map { _ in "" } : quantiles)
            + verdict
    }
}

extension Double {
    /// Three digits that matter, without an exponent.
    var figureText: String {
        switch abs(self) {
        case 1000...: String(format: "%.0f", self)
        case 100...: String(format: "%.0f", self)
        case 10...: String(format: "%.1f", self)
        case 0: "0"
        case 0.1...: trimmed(String(format: "%.2f", self))
        default: String(format: "%.4f", self)
        }
    }

    private func trimmed(_ text: String) -> String {
        text.hasSuffix(".00") ? String(text.dropLast(3)) : text
    }
}
