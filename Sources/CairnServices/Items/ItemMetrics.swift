internal import CairnDomains
internal import CoreMetrics

/// What is counted of items, through swift-metrics.
struct ItemMetrics: Sendable {
    /// `cairn_sends`: send closures that were begun.
    let sends = Counter(label: "cairn_sends")
    /// `cairn_items_in_doubt`: items that came into doubt.
    let inDoubt = Counter(label: "cairn_items_in_doubt")
    /// `cairn_key_verdicts` by `verdict`.
    private let verdicts: [String: Counter]

    init() {
        verdicts = Dictionary(
            uniqueKeysWithValues: KeyVerdict.words.map { word in
                (word, Counter(label: "cairn_key_verdicts", dimensions: [("verdict", word)]))
            }
        )
    }

    func count(_ verdict: KeyVerdict) {
        verdicts[verdict.word]?.increment()
        if case .inDoubt = verdict { inDoubt.increment() }
    }
}
