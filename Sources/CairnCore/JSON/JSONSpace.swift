extension [UInt8] {
    /// A JSON text without the space around it, which means nothing.
    package var trimmingJSONSpace: ArraySlice<UInt8> {
        guard let start = firstIndex(where: { !$0.isJSONSpace }),
            let end = lastIndex(where: { !$0.isJSONSpace })
        else { return [] }
        return self[start...end]
    }
}

extension UInt8 {
    /// The four characters of RFC 8259, section 2.
    fileprivate var isJSONSpace: Bool {
        self == 0x20 || self == 0x09 || self == 0x0A || self == 0x0D
    }
}
