internal import CairnDomains
internal import CoreMetrics

/// What is counted of items, through swift-metrics.
struct ItemMetrics: Sendable {
    /// `cairn_sends`: send closures that were begun.
    let sends: Counter
    /// `cairn_items_in_doubt`: doubts that were written down.
    private let doubts: Counter
    /// `cairn_key_verdicts` by `verdict`.
    private let verdicts: [String: Counter]

    init(factory: any MetricsFactory = MetricsSystem.factory) {
        sends = Counter(label: "cairn_sends", factory: factory)
        doubts = Counter(label: "cairn_items_in_doubt", factory: factory)
        verdicts = Dictionary(
            uniqueKeysWithValues: KeyVerdict.words.map { word in
                let dimensions = [("verdict", word)]
                return (
                    word,
                    Counter(label: "cairn_key_verdicts", dimensions: dimensions, factory: factory)
                )
            }
        )
    }

    /// Counts a doubt that was written down.
    func countDoubt() { doubts.increment() }

    /// Counts what a key stands at for one who asked for it and now goes on.
    func count(_ verdict: KeyVerdict) { count(verdict.word) }

    /// Counts what a move found or brought about; not that one waits and looks again.
    func counted(_ move: ItemSender.Move) -> ItemSender.Move {
        switch move {
        case .done: count("done")
        case .failed: count("failed_final")
        case .retry, .skipped: count("failed_retryable")
        case .parked: count("in_doubt")
        case .changed: count("conflict")
        case .waiting: break
        }
        return move
    }

    private func count(_ word: String) { verdicts[word]?.increment() }
}
