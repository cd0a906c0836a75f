internal import CairnCore
internal import CairnDomains
internal import CairnEngine
internal import CairnJournal

extension InteractionMessage {
    /// The digest of what is said: customer, channel, template, payload and body, and not the
    /// uuid that this call made.
    ///
    /// A payload that is JSON counts as what it means: members in any order, `1.0` as `1`.
    var content: ContentDigest {
        var fields = FieldWriter(capacity: 64 + (payload?.count ?? 0))
        fields.text(1, customer)
        fields.text(2, channel.word)
        fields.text(3, template)
        fields.blob(4, payload.map { (try? JSONValue.parse($0))?.canonicalBytes ?? $0 })
        fields.text(5, body)
        return ContentDigest(type: "interaction", content: fields.finish().span.bytes)
    }
}

extension ItemRequest {
    /// The stream in which everything about the item stands.
    func stream() throws(InteractionError) -> StreamID {
        do throws(LimitError) {
            if let key { return try key.stream }
            return try StreamID(kind: InteractionMessage.streamKind, key: message?.uuid ?? "")
        } catch {
            throw .item(.journal(.limit(error)))
        }
    }

    /// The streams that an item of a name may have: that of a key, and that of a uuid.
    static func streams(named name: String) -> [StreamID] {
        [
            try? ItemKey(name).stream,
            try? StreamID(kind: InteractionMessage.streamKind, key: name),
        ].compactMap(\.self)
    }
}

/// Names of interactions: version 7 UUIDs, which sort by the time they were made.
enum InteractionUUID {
    /// - Parameters:
    ///   - instant: The first 48 bits, in milliseconds.
    ///   - high: The chance behind them.
    ///   - low: The chance of the second half.
    /// - Returns: The name in its usual 36 characters.
    static func name(at instant: Timestamp, _ high: UInt64, _ low: UInt64) -> String {
        let milliseconds = UInt64(bitPattern: max(instant.nanoseconds, 0) / 1_000_000)
        let first = milliseconds << 16 | 0x7000 | (high & 0x0FFF)
        let second = 0x8000_0000_0000_0000 | (low & 0x3FFF_FFFF_FFFF_FFFF)
        let digits = Array(hexadecimal(first) + hexadecimal(second))
        let ends = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32]
        return ends.map { String(digits[$0]) }.joined(separator: "-")
    }

    private static func hexadecimal(_ word: UInt64) -> String {
        let digits = String(word, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
