internal import CairnCore

extension Explorer {
    /// Where the parts of the screen are.
    struct Layout: Hashable {
        var listWidth: Int
        var listHeight: Int
        var detailColumn: Int
        var detailRow: Int
        var detailHeight: Int
    }

    /// Narrower screens have the details below the list.
    private static var sideBySideMin: Int { 72 }

    /// The top row is the title's and the bottom row the one for keys and searches.
    var layout: Layout {
        let body = max(size.rows - 2, 0)
        guard size.columns < Self.sideBySideMin else {
            let width = min(max(size.columns * 2 / 5, 32), 60)
            return Layout(
                listWidth: width,
                listHeight: body,
                detailColumn: width + 2,
                detailRow: 1,
                detailHeight: body
            )
        }
        let listHeight = min(max(body / 3, 1), body)
        return Layout(
            listWidth: size.columns,
            listHeight: listHeight,
            detailColumn: 0,
            detailRow: 2 + listHeight,
            detailHeight: max(body - listHeight - 1, 0)
        )
    }

    var listHeight: Int { max(layout.listHeight, 1) }
    var detailPage: Int { max(layout.detailHeight / 2, 1) }
    var scrollMax: Int { max(details.count - layout.detailHeight, 0) }

    /// What is shown.
    public var screen: Screen {
        var screen = Screen(size)
        let count = walk.steps.count
        let kept = isFiltered ? ", \(listCount) with anomalies shown" : ""
        let place = count == 0 ? "no events" : "event \(cursor + 1) of \(count)\(kept)"
        screen.put(" \(title)   \(place)", row: 0, .inverse, isFilled: true)
        if mode == .help {
            for (row, line) in Self.help.enumerated() where row < size.rows - 2 {
                screen.put(line, row: row + 1, column: 1)
            }
        } else {
            putList(into: &screen)
            putDetails(into: &screen)
        }
        if size.rows > 1 { putBottom(into: &screen) }
        return screen
    }

    private func putList(into screen: inout Screen) {
        let layout = layout
        let width = "\(walk.steps.last?.sequence.rawValue ?? 0)".count
        for line in 0..<layout.listHeight where top + line < listCount {
            let index = index(inRow: top + line)
            let step = walk.steps[index]
            let number = "\(step.sequence.rawValue)"
            let text =
                (index == cursor ? ">" : " ") + (walk.anomalies[index] == nil ? "  " : "! ")
                + String(repeating: " ", count: max(width - number.count, 0)) + number + " "
                + words.line(step)
            screen.put(
                text,
                row: line + 1,
                width: layout.listWidth,
                index == cursor ? .inverse : .none,
                isFilled: index == cursor
            )
        }
    }

    private func putDetails(into screen: inout Screen) {
        let layout = layout
        if layout.detailColumn == 0, layout.detailRow < size.rows {
            let line = String(repeating: "-", count: max(size.columns, 0))
            screen.put(line, row: layout.detailRow - 1, .faint)
        }
        for (row, line) in details.dropFirst(scroll).prefix(layout.detailHeight).enumerated() {
            if layout.detailColumn > 0 {
                screen.put("|", row: row + 1, column: layout.detailColumn - 2, .faint)
            }
            screen.put(
                line.text,
                row: layout.detailRow + row,
                column: layout.detailColumn,
                line.emphasis
            )
        }
    }

    private func putBottom(into screen: inout Screen) {
        let row = size.rows - 1
        switch mode {
        case .search(let text):
            // The end of what is typed stays in sight.
            let room = max(size.columns - 3, 0)
            let shown = ScreenText.width(of: text) <= room ? text : String(text.suffix(room / 2))
            screen.put("/\(shown)_", row: row)
        case .help: screen.put("any key goes back", row: row, .faint)
        case .browse:
            let more = scroll < scrollMax ? "   right: more" : ""
            let keys = "j/k step   / search   a anomalies   ? help   q quit\(more)"
            screen.put(notice ?? keys, row: row, notice == nil ? .faint : .strong)
        }
    }

    /// The event that is looked at, what it changed, and the state after it, line by line.
    var details: [(text: String, emphasis: Screen.Emphasis)] {
        guard walk.steps.indices.contains(cursor) else { return [] }
        let step = walk.steps[cursor]
        var lines: [(String, Screen.Emphasis)] = [
            ("event \(step.sequence.rawValue), at position \(step.position.rawValue)", .strong),
            ("recorded \(step.recordedAt.rfc3339)", .none),
        ]
        for name in walk.anomalies[cursor] ?? [] { lines.append(("! \(name)", .strong)) }
        if let event = step.event {
            lines += Self.table(walk.machine.document(of: event).leaves)
        } else {
            lines.append(("passed over: it was erased or may be ignored", .none))
        }
        let (state, differences) = walk.change(at: cursor)
        lines.append(("", .none))
        let count = differences.isEmpty ? "nothing" : "\(differences.count)"
        lines.append(("changed by it: \(count)", .strong))
        lines += Self.table(differences.flatMap(\.told)) { _ in true }
        lines.append(("", .none))
        lines.append(("state after it", .strong))
        let changed = Set(differences.map { ExactText($0.path.description) })
        lines += Self.table(state.leaves) { path in
            (1...max(path.parts.count, 1)).contains { count in
                let front = JSONPath(parts: Array(path.parts.prefix(count)))
                return changed.contains(ExactText(front.description))
            }
        }
        // What does not fit goes on in the next line.
        return lines.flatMap { text, emphasis in
            ScreenText.wrapped(text, to: max(size.columns - layout.detailColumn, 8))
                .map { ($0, emphasis) }
        }
    }

    /// Names and values under each other, what was changed marked.
    private static func table(
        _ rows: [(path: JSONPath, value: String)],
        isChanged: (JSONPath) -> Bool = { _ in false }
    ) -> [(String, Screen.Emphasis)] {
        let names = rows.map(\.path.description)
        let width = min(names.map { ScreenText.width(of: $0) }.max() ?? 0, 24)
        return zip(rows, names).map { row, name in
            let padding = String(repeating: " ", count: max(width - ScreenText.width(of: name), 0))
            let isChanged = isChanged(row.path)
            let mark = isChanged ? "* " : "  "
            let value = row.value.unicodeScalars.prefix(Self.valueScalarCountMax)
            let text = "\(mark)\(name)\(padding)  \(String(value))"
            return (text, isChanged ? .strong : .none)
        }
    }

    /// Most of a value that is shown, so that one of a megabyte is no hundred thousand lines.
    private static var valueScalarCountMax: Int { 2_000 }

    private static var help: [String] {
        [
            "up, k / down, j        one event back, or on",
            "PageUp / PageDown      a page of events",
            "Home, g / End, G       the first event, the last one",
            "left, h / right, l     the details up, or down",
            "/                      search: a predicate such as status == FAILED, or any text",
            "n / N                  the next event that was searched for, the one before",
            "a                      only events with anomalies, or all",
            "q                      quit",
            "",
            "> the event that is looked at   ! something is odd about it   * it changed this",
        ]
    }
}

extension Difference {
    /// What was and what is there; something new with parts is told part by part.
    fileprivate var told: [(path: JSONPath, value: String)] {
        func words(_ before: JSONValue?, _ after: String?) -> String {
            "\(before.flatMap { $0 == .null ? nil : $0.plainText } ?? "-") -> \(after ?? "-")"
        }
        guard let after, after != .null else { return [(path, words(before, nil))] }
        guard before == nil || before == .null else {
            return [(path, words(before, after.plainText))]
        }
        return after.leaves(at: path).map { ($0.path, words(nil, $0.value)) }
    }
}
