internal import Synchronization

extension MemoryJournal {
    public func lockLife(_ number: UInt64) async throws(JournalError) -> any LifeLock {
        guard lives.held.withLock({ $0.insert(number).inserted }) else {
            throw .lockHeld(number: number)
        }
        return MemoryLifeLock(number, in: lives)
    }

    public func isLifeLocked(_ number: UInt64) async throws(JournalError) -> Bool {
        lives.held.withLock { $0.contains(number) }
    }
}

/// The signs of life of a journal in memory, which all end with it.
final class MemoryLives: Sendable {
    let held = Mutex<Set<UInt64>>([])
}

private final class MemoryLifeLock: LifeLock {
    let number: UInt64
    private let lives: MemoryLives
    private let isHeld = Mutex(true)

    init(_ number: UInt64, in lives: MemoryLives) {
        self.number = number
        self.lives = lives
    }

    deinit { release() }

    func release() {
        let wasHeld = isHeld.withLock { isHeld in
            defer { isHeld = false }
            return isHeld
        }
        if wasHeld { _ = lives.held.withLock { $0.remove(number) } }
    }
}
