import CairnCore
import CairnDomains
import CairnJournal
@testable import CairnServices
import CairnTesting
import Testing

/// The queue as a value: whatever is done with it, every event is accounted for.
struct SystemEventQueueTests {
    private static func event(_ number: Int) -> TimedSystemEvent {
        TimedSystemEvent(
            event: SystemEvent(.warn, .logWarning),
            at: Timestamp(nanoseconds: Int64(number))
        )
    }

    @Test(arguments: 1...30)
    func `every event is written, waits, or is counted and told once`(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let countMax = 1 + random.below(8)
        var queue = SystemEventQueue(countMax: countMax)
        var offered: UInt64 = 0
        var written: [Int64] = []
        var told = SystemEventQueue.Loss()
        func settle(_ batch: SystemEventQueue.Batch) {
            queue.noteWritten(batch)
            written += batch.events.map(\.at.nanoseconds)
            told.droppedCount += batch.loss?.droppedCount ?? 0
            told.failedCount += batch.loss?.failedCount ?? 0
        }
        for step in 0..<400 {
            if random.isHit(2, outOf: 3) {
                offered += 1
                let hadRoom = queue.waitingCount < countMax
                let wasTaken = queue.offer(Self.event(step))
                #expect(wasTaken == hadRoom)
            } else if let batch = queue.take(countMax: 1 + random.below(4)) {
                // Some come while a batch is on its way.
                if random.isHit(1, outOf: 2) {
                    offered += 1
                    _ = queue.offer(Self.event(step))
                }
                switch random.below(3) {
                case 0: settle(batch)
                case 1: queue.noteFailed(batch, .poisoned)
                default: queue.putBack(batch)
                }
            }
            #expect(queue.waitingCount <= countMax)
            let known = queue.writtenCount + UInt64(queue.waitingCount) + queue.loss.count
            #expect(known == offered, "seed \(seed), step \(step)")
        }
        queue.close()
        let wasTaken = queue.offer(Self.event(1_000))
        #expect(!wasTaken)
        while let batch = queue.take(countMax: 3) { settle(batch) }
        #expect(queue.waitingCount == 0)
        #expect(told.droppedCount == queue.loss.droppedCount)
        #expect(told.failedCount == queue.loss.failedCount)
        #expect(written == written.sorted())
        #expect(UInt64(written.count) == queue.writtenCount)
    }

    @Test func `a loss that was told is not told again`() throws {
        var queue = SystemEventQueue(countMax: 1)
        func take() -> SystemEventQueue.Batch? { queue.take(countMax: 9) }
        #expect(take() == nil)
        _ = queue.offer(Self.event(1))
        _ = queue.offer(Self.event(2))
        let first = try #require(take())
        #expect(first.loss?.droppedCount == 1)
        queue.noteFailed(first, .closed)
        let second = try #require(take())
        #expect(second.events.isEmpty)
        #expect(
            second.loss
                == SystemEventQueue.Loss(droppedCount: 1, failedCount: 1, lastError: .closed)
        )
        queue.noteWritten(second)
        #expect(take() == nil)
        _ = queue.offer(Self.event(3))
        let third = try #require(take())
        #expect(third.events == [Self.event(3)])
        #expect(third.loss == nil)
    }
}
