extension JSONValue {
    /// The one text of everything that means this JSON: what digests cover (law 11).
    ///
    /// No white space, members sorted by the bytes of their keys, of equal keys only the last,
    /// numbers as exact decimals in one spelling, and only those characters escaped that must be.
    public var canonicalBytes: [UInt8] {
        var writer = JSONWriter()
        writer.canonical(self)
        return writer.bytes
    }
}

extension JSONWriter {
    fileprivate mutating func canonical(_ value: JSONValue) {
        switch value {
        case .null, .bool, .string: self.value(value)
        case .number(let source): token(JSONNumber(source)?.canonicalText ?? source)
        case .array(let elements):
            beginArray()
            for element in elements { canonical(element) }
            endArray()
        case .object(let members):
            beginObject()
            let sorted = members.enumerated().sorted { left, right in
                let (leftKey, rightKey) = (left.element.key.utf8, right.element.key.utf8)
                if leftKey.elementsEqual(rightKey) { return left.offset < right.offset }
                return leftKey.lexicographicallyPrecedes(rightKey)
            }
            for (index, (_, member)) in sorted.enumerated() {
                let next = index + 1 < sorted.count ? sorted[index + 1].element.key : nil
                if let next, next.utf8.elementsEqual(member.key.utf8) { continue }
                key(member.key)
                canonical(member.value)
            }
            endObject()
        }
    }
}
