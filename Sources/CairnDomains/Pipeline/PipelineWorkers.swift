internal import CairnCore

/// Where the workers that requests wait for recorded anything last.
///
/// Each is known as long as a request waits for it, by a number of its own. They are found by
/// their bytes in place; a hash that two of them share costs a comparison.
struct PipelineWorkers: Sendable {
    private struct Worker: Sendable {
        var bytes: [UInt8]
        var hash: UInt64
        var last: Position
        var requestCount: Int
        /// The next one with the same hash, counted from 1.
        var next: Int32
    }

    private var workers: [Worker] = []
    private var free: [Int32] = []
    /// The first one with a hash, counted from 1.
    private var heads: [UInt64: Int32] = [:]

    /// Takes note that a worker recorded something.
    ///
    /// - Returns: Its number, if a request waits for it.
    @inline(__always)
    mutating func see(_ bytes: RawSpan, at position: Position) -> Int32? {
        guard !heads.isEmpty, let number = number(of: bytes, Self.hash(of: bytes)) else {
            return nil
        }
        workers[Int(number)].last = position
        return number
    }

    /// Where a worker recorded something last.
    func last(_ number: Int32) -> Position { workers[Int(number)].last }

    func bytes(_ number: Int32) -> [UInt8] { workers[Int(number)].bytes }

    /// One more request waits for a worker that is known.
    @inline(__always)
    mutating func hold(_ number: Int32) { workers[Int(number)].requestCount += 1 }

    /// One more request waits for a worker, which recorded something at a position or later.
    mutating func hold(_ bytes: RawSpan, since position: Position) -> Int32 {
        let hash = Self.hash(of: bytes)
        if let known = number(of: bytes, hash) {
            workers[Int(known)].requestCount += 1
            workers[Int(known)].last = max(workers[Int(known)].last, position)
            return known
        }
        let worker = Worker(
            bytes: bytes.array(),
            hash: hash,
            last: position,
            requestCount: 1,
            next: heads[hash] ?? 0
        )
        let number: Int32
        if let last = free.popLast() {
            number = last
            workers[Int(number)] = worker
        } else {
            number = Int32(truncatingIfNeeded: workers.count)
            workers.append(worker)
        }
        heads[hash] = number + 1
        return number
    }

    /// One request less waits for a worker.
    @inline(__always)
    mutating func letGo(_ number: Int32) {
        workers[Int(number)].requestCount -= 1
        if workers[Int(number)].requestCount == 0 { forget(number) }
    }

    private mutating func forget(_ number: Int32) {
        let worker = workers[Int(number)]
        var place = heads[worker.hash] ?? 0
        if place == number + 1 {
            heads[worker.hash] = worker.next == 0 ? nil : worker.next
        } else {
            while place > 0 {
                let following = workers[Int(place) - 1].next
                if following == number + 1 {
                    workers[Int(place) - 1].next = worker.next
                    break
                }
                place = following
            }
        }
        workers[Int(number)].bytes = []
        free.append(number)
    }

    @inline(__always)
    private func number(of bytes: RawSpan, _ hash: UInt64) -> Int32? {
        var place = heads[hash] ?? 0
        while place > 0 {
            if bytes.isEqual(to: workers[Int(place) - 1].bytes) { return place - 1 }
            place = workers[Int(place) - 1].next
        }
        return nil
    }

    private static func hash(of bytes: RawSpan) -> UInt64 {
        var hash = UInt64(truncatingIfNeeded: bytes.byteCount)
        func mix(_ value: UInt64) {
            let (high, low) = (hash ^ value).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
            hash = high ^ low
        }
        var offset = 0
        while offset + 8 <= bytes.byteCount {
            mix(bytes.littleEndian(at: offset, as: UInt64.self))
            offset += 8
        }
        var rest: UInt64 = 0x80
        while offset < bytes.byteCount {
            rest = rest << 8 | UInt64(bytes.byte(at: offset))
            offset += 1
        }
        mix(rest)
        return hash
    }
}

extension RawSpan {
    @inline(__always)
    fileprivate func isEqual(to bytes: [UInt8]) -> Bool { equals(bytes.span.bytes) }
}
