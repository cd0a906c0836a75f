internal import CairnServices

/// Prints what a linter found.
enum LintListing {
    static func print(_ report: LintReport, as format: OutputFormat) throws(CommandFailure) {
        switch format {
        case .json: try document(report).print(as: .json)
        case .text:
            var lines = summary(report)
            if !report.findings.isEmpty {
                lines += "\n" + table(report)
            }
            for limit in report.limits { lines += "\nnot all was compared: \(limit)\n" }
            try Terminal.write(lines)
        }
    }

    private static func summary(_ report: LintReport) -> String {
        let rows = "\(Wording.counted(report.rowCount, "row")) of \(report.table.name)"
        return report.findings.isEmpty ? "\(rows): nothing is wrong\n" : "\(rows)\n"
    }

    /// One line for each example, with the count in that of the first.
    private static func table(_ report: LintReport) -> String {
        let rows = report.findings.flatMap { finding in
            finding.examples.enumerated().map { index, example in
                (kind: index == 0 ? finding : nil, example: example)
            }
        }
        var table = TextTable()
        table.add(
            heading: "finding",
            rows.map { .text($0.kind?.kind.rawValue ?? "") },
            isRightAligned: false
        )
        table.add(
            heading: "count",
            rows.map { row in row.kind.map { .integer(Int64($0.count)) } ?? .text("") },
            isRightAligned: true
        )
        table.add(
            heading: "where",
            rows.map { .text("\($0.example.source), \($0.example.place)") },
            isRightAligned: false
        )
        table.add(
            heading: "what",
            rows.map { .text($0.example.detail) },
            isRightAligned: false
        )
        return table.text
    }

    private static func document(_ report: LintReport) -> Details {
        var details = Details()
        details.add("table", .text(report.table.name))
        details.add("rows", .integer(Int64(report.rowCount)))
        let findings = report.findings.map { finding in
            OutputValue.object([
                ("finding", .text(finding.kind.rawValue)),
                ("count", .integer(Int64(finding.count))),
                ("examples", .array(finding.examples.map(example))),
            ])
        }
        details.add("findings", .array(findings))
        details.add("limits", .array(report.limits.map { .text($0) }))
        return details
    }

    private static func example(_ example: LintExample) -> OutputValue {
        let line: Int? =
            switch example.place {
            case .line(let line): line
            case .event(_, _, let line): line
            }
        return .object([
            ("file", .text(example.source)),
            ("line", .integer(line.map { Int64($0) })),
            ("where", .text("\(example.place)")),
            ("what", .text(example.detail)),
        ])
    }
}
