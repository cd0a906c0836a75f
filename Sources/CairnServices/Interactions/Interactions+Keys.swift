public import CairnCore
public import CairnDomains
internal import CairnEngine
internal import CairnJournal

extension Interactions {
    /// What many keys stand at, told as cheaply as it can be.
    ///
    /// Of a key that is fresh, or done by its first attempt, no state is built; of the others the
    /// whole verdict is. A thousand keys at a time are read in one view, so they may stand at
    /// different instants; keys in the order of their bytes are found fastest.
    ///
    /// - Parameter keys: The keys, in the order of the answer.
    /// - Returns: One standing for each key.
    /// - Throws: ``InteractionError``.
    public func standings(of keys: [ItemKey]) async throws(InteractionError) -> [KeyStanding] {
        var standings: [KeyStanding] = []
        standings.reserveCapacity(keys.count)
        do throws(EngineError<ItemRefusal>) {
            var start = 0
            while start < keys.count {
                let end = min(start + 1_024, keys.count)
                let streams = try journaled { () throws(JournalError) in
                    try limited { () throws(LimitError) in
                        try keys[start..<end].map { key throws(LimitError) in try key.stream }
                    }
                }
                let glances = try await journal.glances(at: streams)
                for (stream, glance) in zip(streams, glances) {
                    switch glance {
                    case .fresh: standings.append(.fresh)
                    case .done(let content): standings.append(.done(content))
                    case .begun, .other:
                        let fold = StreamFold(ItemMachine(), of: stream)
                        let folded = try await fold.folded(in: journal)
                        standings.append(.other(folded.state.verdict()))
                    }
                }
                start = end
            }
        } catch {
            throw .item(error)
        }
        return standings
    }
}

/// What a key stands at, as ``Interactions/standings(of:)`` tells it.
public enum KeyStanding: Hashable, Sendable {
    case fresh
    /// The provider took its first attempt; what the key stands for.
    case done(ContentDigest)
    /// Anything else. Whether a holder that is in flight still lives was not asked.
    case other(KeyVerdict)
}

extension Journal {
    /// What the streams of keys tell at a glance.
    func glances(at streams: [StreamID]) async throws(EngineError<ItemRefusal>) -> [KeyGlance] {
        var glances = [KeyGlance](repeating: .fresh, count: streams.count)
        do throws(JournalError) {
            try await forEachEvent(ofEach: streams) { index, header, frame in
                glances[index].take(header, frame)
            }
        } catch {
            throw .journal(error)
        }
        return glances
    }
}
