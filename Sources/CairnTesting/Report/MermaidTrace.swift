extension MinimalFailure {
    /// The case as a Mermaid diagram.
    ///
    /// For a machine it is a `stateDiagram-v2` of the states that it went through, with the
    /// commands between them; otherwise a `flowchart` of the values and steps in their order.
    public var mermaid: String { MermaidTrace(failure: self).text }
}

/// A failure as a diagram.
struct MermaidTrace {
    let failure: MinimalFailure

    /// Longer texts are cut: a diagram is for the eye.
    private static let characterCountMax = 240

    var text: String {
        // A machine that ended in the middle of a step has no state for it.
        let isMachine = !failure.steps.isEmpty && failure.states.count == failure.steps.count + 1
        return (isMachine ? states : flow).joined(separator: "\n") + "\n"
    }

    private var error: String { "\(failure.errorName): \(failure.error)" }

    private var states: [String] {
        var names: [String: String] = [:]
        var lines = ["stateDiagram-v2"]
        for state in failure.states where names[state] == nil {
            let name = "s\(names.count)"
            names[state] = name
            lines.append("    state \"\(Self.escaped(state))\" as \(name)")
        }
        let path = failure.states.compactMap { names[$0] }
        lines.append("    [*] --> \(path[0])")
        for (index, step) in failure.stepLines.enumerated() {
            lines.append("    \(path[index]) --> \(path[index + 1]) : \(Self.label(step))")
        }
        return lines + ["    \(path[path.count - 1]) --> [*] : \(Self.escaped(error))"]
    }

    private var flow: [String] {
        var lines = ["flowchart TD", "    n0([\"start\"])"]
        let texts = failure.valueLines + failure.stepLines
        for (index, text) in texts.enumerated() {
            lines.append("    n\(index) --> n\(index + 1)[\"\(Self.label(text))\"]")
        }
        return lines + ["    n\(texts.count) --> failure{{\"\(Self.escaped(error))\"}}"]
    }

    private static func label(_ line: String) -> String {
        escaped(String(line.drop { $0 == " " }))
    }

    /// A text in which no character means anything to Mermaid: letters, digits and a few signs
    /// stand as they are, others by number.
    ///
    /// Mermaid reads numbers back and then takes the text for Markdown, in which it knows neither
    /// lists nor links nor code. So what would begin one is told from its neighbours by a space of
    /// no width, and signs that come in pairs are drawn by others that look the same.
    static func escaped(_ text: String) -> String {
        let line = FailureText.oneLine(text)
        let short =
            line.count > characterCountMax ? line.prefix(characterCountMax) + "..." : line[...]
        let scalars = Array(short.unicodeScalars)
        var escaped = scalars.first?.properties.isAlphabetic ?? true ? "" : noWidth
        for (index, scalar) in scalars.enumerated() {
            let next = index + 1 < scalars.count ? scalars[index + 1] : " "
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", " ", ",", "(", ")", "=":
                escaped.unicodeScalars.append(scalar)
            case "." where !next.properties.isAlphabetic: escaped += "."
            case "*": escaped += "#8727;"
            case "`": escaped += "#715;"
            case "~": escaped += "#8764;"
            case "_": escaped += "#95;" + noWidth
            case ".", ":", "]", "@", "<", "$", "&", "\\":
                escaped += "#\(scalar.value);" + (next == " " ? "" : noWidth)
            case _ where !scalar.isASCII && scalar.properties.isAlphabetic:
                escaped.unicodeScalars.append(scalar)
            default: escaped += "#\(scalar.value);"
            }
        }
        // A line with these words anywhere turns the diagram.
        return escaped.replacing("direction ", with: "direction\(noWidth) ")
    }

    private static let noWidth = "#8203;"
}
