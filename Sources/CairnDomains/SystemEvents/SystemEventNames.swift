internal import CairnCore

/// The types that events of a page had, so that a name that comes again costs no memory.
package struct SystemEventNames {
    /// A power of two; two names that meet in one place take turns there.
    private static let placeCount = 64

    private struct Known {
        let bytes: [UInt8]
        let type: SystemEventType
    }

    private var known = [Known?](repeating: nil, count: placeCount)

    package init() {}

    /// The type that has a stored name.
    package mutating func type(_ name: RawSpan) -> SystemEventType {
        let place = Self.place(of: name)
        if let known = known[place], name.equals(known.bytes.span.bytes) { return known.type }
        let type = SystemEventType(stored: name.text())
        known[place] = Known(bytes: name.array(), type: type)
        return type
    }

    /// Names differ at their ends more often than at their beginnings.
    private static func place(of name: RawSpan) -> Int {
        let count = name.byteCount
        guard count >= 8 else { return count }
        let end: UInt64 = name.littleEndian(at: count - 8)
        let mixed = (end ^ UInt64(truncatingIfNeeded: count)) &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: mixed >> 58)
    }
}
