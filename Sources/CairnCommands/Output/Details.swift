internal import CairnCore

/// A single thing: named values line by line, or one JSON object.
struct Details {
    private(set) var members: [(name: String, value: OutputValue)] = []
    private var hidden: Set<String> = []

    /// Adds a member.
    ///
    /// - Parameters:
    ///   - name: Its key.
    ///   - value: What it holds.
    ///   - isInText: Whether people get it, too, and not in another shape.
    mutating func add(_ name: String, _ value: OutputValue, isInText: Bool = true) {
        members.append((name, value))
        if !isInText { hidden.insert(name) }
    }

    /// Prints the members in a format, and after the text what only people get.
    func print(as format: OutputFormat, followedBy tables: [String] = []) throws(CommandFailure) {
        switch format {
        case .json:
            var writer = JSONWriter()
            OutputValue.object(members.map { ($0.name, $0.value) }).write(to: &writer)
            try Terminal.write(json: writer.bytes)
        case .text:
            let shown = ([text] + tables).filter { !$0.isEmpty }
            try Terminal.write(shown.joined(separator: "\n"))
        }
    }

    /// The lines for people; what is absent is left out.
    private var text: String {
        let shown = members.filter { !hidden.contains($0.name) && !$0.value.isAbsent }
        let width = shown.map { TextTable.heading(of: $0.name).count }.max() ?? 0
        return shown.map { name, value in
            let heading = TextTable.heading(of: name)
            let padding = String(repeating: " ", count: width - heading.count)
            let text = value.colour?.applied(to: value.text) ?? value.text
            return "\(Colour.bold.applied(to: heading))\(padding)  \(text)\n"
        }.joined()
    }
}
