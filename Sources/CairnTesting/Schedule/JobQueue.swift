/// The jobs of one case that are ready to run.
struct JobQueue {
    enum Phase {
        case open
        /// The case is over: whoever comes now is no part of it.
        case over
        /// The case was given up in the middle: what is left of it never runs again.
        case abandoned
    }

    /// In the order in which they arrived.
    var ready: [UnownedJob] = []
    /// Held back until nothing is ready.
    var delayed: [UnownedJob] = []
    var phase = Phase.open
    /// How the property ended.
    var end: Result<Void, any Error>?
    /// Whether the thread that runs the jobs waits for one.
    var isAwaited = false

    mutating func takeOldest() -> UnownedJob? {
        if !ready.isEmpty { return ready.removeFirst() }
        return delayed.isEmpty ? nil : delayed.removeFirst()
    }

    /// Takes the job that a turn means, and the one that had been its turn.
    mutating func take(_ turn: JobOrder.Turn) -> (UnownedJob?, passed: UnownedJob?) {
        let oldest = ready[0]
        switch turn {
        case .run: return (ready.removeFirst(), oldest)
        case .delay:
            delayed.append(ready.removeFirst())
            return (nil, oldest)
        case .letPass(let place): return (ready.remove(at: place), oldest)
        }
    }

    /// Takes everything.
    mutating func takeAll() -> [UnownedJob] {
        defer { (ready, delayed) = ([], []) }
        return ready + delayed
    }
}

/// Names for tasks that are the same in every repetition: their numbers in order of appearance.
struct JobNames {
    private var numbers: [String: Int] = [:]

    mutating func meet(_ job: UnownedJob) {
        _ = name(of: job)
    }

    mutating func name(of job: UnownedJob) -> String {
        // The description holds the number of the task to which the job belongs.
        let known = "\(job)"
        let number = numbers[known] ?? numbers.count + 1
        numbers[known] = number
        return "task \(number)"
    }
}
