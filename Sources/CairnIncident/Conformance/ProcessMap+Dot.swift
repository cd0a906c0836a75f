extension ProcessMap {
    /// The map in the language of Graphviz.
    ///
    /// Steps that the definition allows are solid; others are dashed, and labelled so.
    ///
    /// - Complexity: Linear.
    public var dot: String {
        var lines = [
            "digraph \"\(Self.dotEscaped(MapText.title(self)))\" {",
            "    node [shape=box, style=rounded, fontname=\"sans-serif\"];",
            "    edge [fontname=\"sans-serif\", fontsize=10];",
            "    start [label=\"start\", shape=oval];",
        ]
        for (index, node) in nodes.enumerated() {
            let name = Self.dotEscaped(MapText.short(node.name))
            let figures = MapText.counted(node.eventCount, "event")
            let note = node.isListed || isOpen ? "" : "\\nnot in the \(wording.rules)"
            let style = node.isListed || isOpen ? "" : ", style=\"rounded,dashed\""
            lines.append("    n\(index) [label=\"\(name)\\n\(figures)\(note)\"\(style)];")
        }
        let ends = ends
        if ends.hasEnded { lines.append("    ended [label=\"end\", shape=oval];") }
        if ends.isOpen { lines.append("    open [label=\"not ended\", shape=oval, style=dashed];") }
        for edge in edges {
            let figures = [MapText.count(edge)] + (edge.time.map { [MapText.times($0)] } ?? [])
            let from = edge.from.map { "n\($0)" } ?? "start"
            let to = edge.to.map { "n\($0)" } ?? (edge.isDeclared ? "ended" : "open")
            let style = edge.isDeclared ? "" : ", style=dashed"
            let label = figures.joined(separator: "\\n")
            lines.append("    \(from) -> \(to) [label=\"\(label)\"\(style)];")
        }
        return (lines + ["}"]).joined(separator: "\n") + "\n"
    }

    /// A text within quotes, in which a backslash would begin an escape.
    private static func dotEscaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    }
}
