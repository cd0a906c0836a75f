extension String {
    /// The text with A to Z made small and every other byte kept.
    ///
    /// Only ASCII has one meaning of case everywhere: other letters change theirs with the
    /// language, and a Kelvin sign is no k here.
    var asciiLowercased: String {
        String(
            decoding: utf8.map { (65...90).contains($0) ? $0 | 0x20 : $0 },
            as: UTF8.self
        )
    }
}
