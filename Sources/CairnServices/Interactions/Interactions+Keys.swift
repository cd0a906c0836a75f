public import CairnCore
public import CairnDomains
internal import CairnEngine
internal import CairnJournal

extension Interactions {
    /// What many keys stand at, told as cheaply as it can be.
    ///
    /// Of a key that is fresh, or done by its first attempt, no state is built; of the others the
    /// whole verdict is. 4,096 keys at a time are read in one view, so they may stand at
    /// different instants; keys in the order of their bytes are found fastest.
    ///
    /// - Parameter keys: The keys, in the order of the answer.
    /// - Returns: One standing for each key.
    /// - Throws: ``InteractionError``.
    public func standings(of keys: [ItemKey]) async throws(InteractionError) -> [KeyStanding] {
        var standings: [KeyStanding] = []
        standings.reserveCapacity(keys.count)
        do throws(EngineError<ItemRefusal>) {
            let glances = await keyTable.glances(at: keys)
            for (index, glance) in glances.enumerated() {
                switch glance {
                case nil, .fresh: standings.append(.fresh)
                case .done(let request): standings.append(.done(request.content))
                case .begun, .other:
                    let stream = try journaled { () throws(JournalError) in
                        try limited { () throws(LimitError) in try keys[index].stream }
                    }
                    let fold = StreamFold(ItemMachine(), of: stream)
                    standings.append(.other(try await fold.folded(in: journal).state.verdict()))
                }
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
