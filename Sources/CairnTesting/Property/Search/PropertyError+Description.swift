extension PropertyError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .falsified(let report): return report.description
        case .tooManyDiscarded(let property, let summary):
            return """
                not looked at: \(property)
                  \(summary.discardedCount) cases were discarded and only \(summary.passedCount) \
                counted; make values that satisfy the assumptions and filters
                  seed: \(summary.seed)
                """
        case .neverTrue(let property, let names, let summary):
            return """
                not reached: \(property)
                  never true in \(summary.passedCount) cases: \(names.joined(separator: ", "))
                  seed: \(summary.seed)
                """
        case .notRepeatable(let unrepeatable):
            return """
                not repeatable: \(unrepeatable.property)
                  first:  \(unrepeatable.first)
                  second: \(unrepeatable.second)
                  \(unrepeatable.differsInDraws
                    ? "the same choices led to different draws"
                    : "the same draws led to different ends"): the property depends on \
                something beside what it draws
                  seed: \(unrepeatable.seed)
                """
        case .token(let property, let error):
            return "not repeated: \(property)\n  \(error)"
        case .corpus(let property, let error):
            return "not looked at: \(property)\n  \(error)"
        case .cancelled(let property):
            return "not looked at to the end: \(property)\n  the task was cancelled"
        case .notIsolated(let property, let error):
            return "not looked at: \(property)\n  \(error)"
        case .notChecked(let property):
            return "not repeated: \(property)\n  nothing checked a property of this name"
        case .discarded(let property, let stop):
            return "not repeated: \(property)\n  the case counts for nothing: \(stop)"
        }
    }
}

extension PropertyReport: CustomStringConvertible {
    public var description: String {
        var lines = ["not true: \(property)"]
        for (index, failure) in failures.enumerated() {
            if index > 0 { lines.append("and another failure:") }
            lines += failure.lines
            if index < corpusNews.count { lines.append("  \(corpusNews[index])") }
        }
        lines.append(
            "after \(passedCount) \(passedCount == 1 ? "case" : "cases") that passed; "
                + "\(shrinkExecutionCount) of \(executionCount)"
                + " runs looked for a simpler case; seed: \(seed)"
        )
        if let shrinkDurationMax {
            lines.append(
                "given up after \(shrinkDurationMax), though it might be simpler; "
                    + "where that happens depends on more than the seed"
            )
        }
        return lines.joined(separator: "\n")
    }
}

extension MinimalFailure: CustomStringConvertible {
    public var description: String { lines.joined(separator: "\n") }

    /// Longer sources are for who asks for them.
    private static let sourceByteCountMax = 1_500

    var lines: [String] {
        var lines = valueLines + stepLines
        if lines.isEmpty { lines.append("  nothing was drawn") }
        if !isArbitraryTogether {
            lines.append("  (the case may pass when several of these are others at once)")
        }
        lines += notes.map { "  note: \(FailureText.shortened($0))" }
        lines.append("  \(errorName): \(FailureText.shortened("\(error)"))")
        if !token.isEmpty { lines.append("  repeat with: replaying: [\"\(token)\"]") }
        if let source = regressionSource, source.utf8.count <= Self.sourceByteCountMax {
            lines.append("  regression test:")
            lines += source.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
                .map { $0.isEmpty ? "" : "    " + $0 }
        }
        return lines
    }

    var errorName: String { "\(type(of: error))" }

    /// The values that belong to no step, one in a line.
    var valueLines: [String] {
        let values = values.filter { $0.step == nil }
        let names = values.enumerated().map { $0.element.name ?? "value \($0.offset + 1)" }
        let width = names.map(\.count).max() ?? 0
        var lines: [String] = []
        for (name, value) in zip(names, values) {
            let padding = String(repeating: " ", count: width - name.count)
            let remark = value.isArbitrary ? "  // or any other value" : ""
            lines.append("  \(name)\(padding) = \(FailureText.shortened(value.text))\(remark)")
        }
        return lines
    }

    /// The steps, one in a line, with what they drew.
    var stepLines: [String] {
        steps.enumerated().map { index, step in
            let drawn = values.filter { $0.step == index }.map { value in
                let text = (value.name.map { "\($0): " } ?? "") + FailureText.shortened(value.text)
                return value.isArbitrary ? text + " /* or any other */" : text
            }
            return "  \(index + 1). \(step)(\(drawn.joined(separator: ", ")))"
        }
    }
}

/// Pieces of reports.
enum FailureText {
    private static let characterCountMax = 2_000

    static func shortened(_ text: String) -> String {
        guard text.count > characterCountMax else { return text }
        return "\(text.prefix(characterCountMax))... (\(text.count) characters)"
    }

    /// A text on one line, whatever stands in it: a comment or a name ends with its line.
    static func oneLine(_ text: String) -> String {
        var line = ""
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator:
                line += scalar.escaped(asASCII: true)
            default: line.unicodeScalars.append(scalar)
            }
        }
        return line
    }

    static func outcome(of record: CaseRecord) -> String {
        switch record.status {
        case .passed: "passed"
        case .discarded: "discarded"
        case .failed: "failed: " + (record.error.map { shortened("\($0)") } ?? "")
        }
    }
}
