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
            let note = node.isListed ? "" : "<br/>not in the definition"
            let name = Self.mermaidEscaped(MapText.short(node.name))
            lines.append("    n\(index)[\"\(name)<br/>\(figures)\(note)\"]")
        }
        let ends = ends
        if ends.hasEnded { lines.append("    Ended([\"end\"])") }
        if ends.isOpen { lines.append("    Open([\"not ended\"])") }
        for edge in splitEdges {
            let figures = [MapText.count(edge)] + (edge.time.map { [MapText.times($0)] } ?? [])
            let label = figures.map(Self.mermaidEscaped).joined(separator: "<br/>")
            let from = edge.from.map { "n\($0)" } ?? "Start"
            let to = edge.to.map { "n\($0)" } ?? (edge.isDeclared ? "Ended" : "Open")
            let line = edge.isDeclared ? "-->" : "-.->"
            lines.append("    \(from) \(line)|\"\(label)\"| \(to)")
        }
        let unlisted = nodes.indices.filter { !nodes[$0].isListed }
        if !unlisted.isEmpty {
            lines.append("    classDef unlisted stroke-dasharray: 5 4")
            lines.append("    class \(unlisted.map { "n\($0)" }.joined(separator: ",")) unlisted")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// A text in which no character means anything to Mermaid: letters, digits and spaces stand as
    /// they are, and so does what joins two of them; others stand by number.
    static func mermaidEscaped(_ text: String) -> String {
        let scalars = Array(text.unicodeScalars)
        func isPlain(_ index: Int) -> Bool {
            guard scalars.indices.contains(index) else { return false }
            let scalar = scalars[index]
            return scalar.isASCII
                ? scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
                : scalar.properties.isAlphabetic
        }
        var escaped = String.UnicodeScalarView()
        for (index, scalar) in scalars.enumerated() {
            let joins = ["_", " ", ","].contains(scalar) && isPlain(index - 1)
            if isPlain(index) || joins && (scalar != "_" || isPlain(index + 1)) {
                escaped.append(scalar)
            } else {
                escaped.append(contentsOf: "#\(scalar.value);".unicodeScalars)
            }
        }
        return String(escaped)
    }

    /// A comment ends with its line, and braces in it would be read as a directive.
    private static func mermaidComment(_ text: String) -> String {
        String(text.map { ["{", "}"].contains($0) ? "?" : $0 })
    }
}

extension ProcessMap {
    /// Which ways histories end: with an event that ends the request, and without.
    var ends: (hasEnded: Bool, isOpen: Bool) {
        let last = splitEdges.filter { $0.to == nil }
        return (last.contains { $0.isDeclared }, last.contains { !$0.isDeclared })
    }

    /// The edges, those to the end of a history by whether the request had ended.
    var splitEdges: [Edge] {
        edges.flatMap { edge -> [Edge] in
            let endedCount = edge.count - edge.undeclaredCount
            guard edge.to == nil, endedCount > 0, edge.undeclaredCount > 0 else { return [edge] }
            return [(endedCount, 0), (edge.undeclaredCount, edge.undeclaredCount)].map { count in
                Edge(
                    from: edge.from,
                    to: nil,
                    count: count.0,
                    requestCount: count.0,
                    undeclaredCount: count.1,
                    time: nil
                )
            }
        }
    }
}
