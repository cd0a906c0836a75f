internal import CairnCore

extension JSONWriter {
    /// Adds a number exactly: as a text where double precision cannot hold it.
    mutating func exact(_ value: Int64) {
        if ReportChanges.isExact(value) { integer(value) } else { string(String(value)) }
    }

    mutating func integers(_ values: some Sequence<Int64>) {
        beginArray()
        for value in values { exact(value) }
        endArray()
    }

    mutating func strings(_ values: some Sequence<String>) {
        beginArray()
        for value in values { string(value) }
        endArray()
    }

    mutating func rows(_ rows: [[Int64]]) {
        beginArray()
        for row in rows { integers(row) }
        endArray()
    }

    /// Adds a member with a column: its one value, or what differs from the most frequent one
    /// of a few, or all values.
    ///
    /// A column of one value is the value itself; a sparse one is an object with `d`, the value
    /// that most have, `i`, the steps from one other place to the next, and `v`, their values.
    mutating func column(_ name: String, _ values: [Int64?]) {
        key(name)
        guard let first = values.first, values.contains(where: { $0 != first }) else {
            optional(values.first ?? nil)
            return
        }
        let common = Self.common(values)
        let others = values.indices.filter { values[$0] != common }
        guard others.count <= values.count / 3 else {
            beginArray()
            for value in values { optional(value) }
            endArray()
            return
        }
        beginObject()
        key("d")
        optional(common)
        key("i")
        beginArray()
        var last = 0
        for index in others {
            integer(index - last)
            last = index
        }
        endArray()
        key("v")
        beginArray()
        for index in others { optional(values[index]) }
        endArray()
        endObject()
    }

    private mutating func optional(_ value: Int64?) {
        if let value { exact(value) } else { null() }
    }

    /// The value that most places have, if more than half have one (the vote of Boyer and Moore).
    private static func common(_ values: [Int64?]) -> Int64? {
        var candidate: Int64?
        var votes = 0
        for value in values {
            if votes == 0 { candidate = value }
            votes += value == candidate ? 1 : -1
        }
        return candidate
    }
}
