extension ProcessMap {
    /// The map as a flowchart of Mermaid.
    ///
    /// Steps that the definition allows are solid; others are dotted, and labelled so.
    ///
    /// - Complexity: Linear.
    public var mermaid: String {
        var lines = ["flowchart TD", "    %% \(Self.mermaidComment(MapText.title(self)))"]
        lines.append("    Start([\"start\"])")
        for (index, node) in nodes.enumerated() {
            let figures = MapText.counted(node.eventCount, "event")
            let note = node.isListed || isOpen ? "" : "<br/>not in the \(wording.rules)"
            let name = Self.mermaidEscaped(MapText.short(node.name))
            lines.append("    n\(index)[\"\(name)<br/>\(figures)\(note)\"]")
        }
        let ends = ends
        if ends.hasEnded { lines.append("    Ended([\"end\"])") }
        if ends.isOpen { lines.append("    Open([\"not ended\"])") }
        for edge in edges {
            let figures = [MapText.count(edge)] + (edge.time.map { [MapText.times($0)] } ?? [])
            let label = figures.map(Self.mermaidEscaped).joined(separator: "<br/>")
            let from = edge.from.map { "n\($0)" } ?? "Start"
            let to = edge.to.map { "n\($0)" } ?? (edge.isDeclared ? "Ended" : "Open")
            let line = edge.isDeclared ? "-->" : "-.->"
            lines.append("    \(from) \(line)|\"\(label)\"| \(to)")
        }
        let unlisted = nodes.indices.filter { !nodes[$0].isListed && !isOpen }
        if !unlisted.isEmpty {
            lines.append("    classDef unlisted stroke-dasharray: 5 4")
            lines.append("    class \(unlisted.map { "n\($0)" }.joined(separator: ",")) unlisted")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// A text in which no character means anything to Mermaid: letters, digits, spaces and commas
    /// stand as they are, and so does what joins two of them; others stand by number.
    ///
    /// Mermaid reads numbers back and then takes the text for Markdown, in which it knows neither
    /// lists nor links nor code. So what would begin one is told from its neighbours by a space of
    /// no width, and signs that come in pairs are drawn by others that look the same.
    static func mermaidEscaped(_ text: String) -> String {
        let scalars = Array(text.unicodeScalars)
        func isDigit(_ index: Int) -> Bool {
            scalars.indices.contains(index) && ("0"..."9").contains(scalars[index])
        }
        func isPlain(_ index: Int) -> Bool {
            scalars.indices.contains(index)
                && (scalars[index].properties.isAlphabetic || isDigit(index))
        }
        func isJoint(_ index: Int) -> Bool {
            switch scalars[index] {
            case "_", "-": isPlain(index - 1) && isPlain(index + 1)
            case ".": isDigit(index - 1) && isDigit(index + 1)
            default: false
            }
        }
        var escaped = scalars.isEmpty || isPlain(0) ? "" : Self.noWidth
        for (index, scalar) in scalars.enumerated() {
            if isPlain(index) || isJoint(index) || scalar == " " || scalar == "," {
                escaped.unicodeScalars.append(scalar)
            } else if let other = Self.lookalikes[scalar] {
                escaped += "#\(other.value);"
            } else {
                escaped += "#\(scalar.value);" + (scalar.isASCII ? Self.noWidth : "")
            }
        }
        // A line with these words anywhere turns the diagram.
        return escaped.replacing("direction ", with: "direction\(Self.noWidth) ")
    }

    private static let noWidth = "#8203;"
    private static let lookalikes: [Unicode.Scalar: Unicode.Scalar] = [
        "*": "\u{2217}", "`": "\u{2CB}", "~": "\u{223C}",
    ]

    /// A comment ends with its line, and braces in it would be read as a directive.
    private static func mermaidComment(_ text: String) -> String {
        String(text.map { ["{", "}"].contains($0) ? "?" : $0 })
    }
}

extension ProcessMap {
    /// Which ways histories end: with an event that ends the request, and without.
    var ends: (hasEnded: Bool, isOpen: Bool) {
        let last = edges.filter { $0.to == nil }
        return (last.contains { $0.isDeclared }, last.contains { !$0.isDeclared })
    }
}
