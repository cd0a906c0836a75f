internal import CairnServices

/// One line on standard error that shows how far an import is; nothing where that is no terminal.
final class ImportProgressBar {
    private static let width = 30

    private let isShown: Bool
    private let start = ContinuousClock.now
    private var lastShown: ContinuousClock.Instant?

    init(isShown: Bool) {
        self.isShown = isShown
    }

    /// Shows how far the import is, at most ten times a second.
    func show(_ progress: ImportProgress) {
        let now = ContinuousClock.now
        if let lastShown, now - lastShown < .milliseconds(100) { return }
        guard isShown else { return }
        lastShown = now
        let elapsed = (now - start) / .seconds(1)
        let rate = elapsed > 0 ? Int(Double(progress.events) / elapsed) : 0
        let counts = "\(progress.events) events, \(rate)/s"
        guard let byteCount = progress.byteCount, byteCount > 0 else {
            return Terminal.noteInPlace(counts)
        }
        let share = min(1, Double(progress.bytes) / Double(byteCount))
        let filled = Int(share * Double(Self.width))
        let bar =
            String(repeating: "#", count: filled)
            + String(repeating: ".", count: Self.width - filled)
        Terminal.noteInPlace("[\(bar)] \(Int(share * 100))%  \(counts)")
    }

    /// Takes the line away.
    func clear() {
        if lastShown != nil { Terminal.noteInPlace("") }
    }
}
