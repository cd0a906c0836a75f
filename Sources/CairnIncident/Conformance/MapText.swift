internal import CairnCore

/// How names and figures of a map are written.
enum MapText {
    /// Longer names are cut: a map is for the eye.
    static let characterCountMax = 44
    /// Longer names go into two lines where a word ends.
    private static let lineCharacterCountMax = 24

    /// A name that fits into a box: in one line, of whole characters, and without what could turn
    /// the reading direction of what stands beside it.
    static func short(_ name: String) -> String {
        let plain = plain(name)
        let shown = plain.isEmpty ? "(no name)" : plain
        guard shown.count > characterCountMax else { return shown }
        return shown.prefix(characterCountMax - 3) + "..."
    }

    /// A name in one line, or in two of about the same length.
    static func wrapped(_ name: String) -> [String] {
        guard name.count > lineCharacterCountMax else { return [name] }
        let characters = Array(name)
        let breaks = characters.indices.dropFirst().dropLast()
            .filter { [" ", "_", "-"].contains(characters[$0]) }
        let middle = characters.count / 2
        guard let place = breaks.min(by: { abs($0 - middle) < abs($1 - middle) }) else {
            return [name]
        }
        let first = characters[...place]
        return [String(characters[place] == " " ? first.dropLast() : first)]
            + [String(characters[(place + 1)...])]
    }

    /// A text without what no document may hold or what moves the text around it.
    static func plain(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            result.append(isUnsafe(scalar) ? "?" : scalar)
        }
        return String(result)
    }

    private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .unassigned: true
        case .format:
            (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
                || [0x200E, 0x200F, 0x061C].contains(scalar.value)
        default: false
        }
    }

    /// What stands at an edge: how often, and after how long.
    static func count(_ edge: ProcessMap.Edge) -> String {
        if edge.isDeclared { return "\(edge.count)" }
        return edge.to == nil ? "\(edge.count) not ended" : "\(edge.count) undeclared"
    }

    /// The middle and the long times, such as `12ms, p95 1.2s`.
    static func times(_ totals: SpanTotals) -> String {
        "\(span(totals.medianMilliseconds)), p95 \(span(totals.percentile95Milliseconds))"
    }

    static func counted(_ count: Int, _ noun: String) -> String {
        "\(count) \(noun)\(count == 1 ? "" : "s")"
    }

    /// Milliseconds for people, to the nearest microsecond.
    static func span(_ milliseconds: Double) -> String {
        let microseconds = (milliseconds * 1_000).rounded()
        guard abs(microseconds) < 9e15 else {
            return TimeSpan(nanoseconds: microseconds < 0 ? .min : .max).human
        }
        return TimeSpan(nanoseconds: Int64(microseconds) * 1_000).human
    }

    /// A title for people.
    static func title(_ map: ProcessMap) -> String {
        "\(plain(map.pipeline)): \(counted(map.requestCount, map.wording.walker)), "
            + counted(map.eventCount, "event")
    }
}
