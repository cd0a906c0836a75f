import CairnServices
import CairnTesting
import Testing

/// Elements that come in whatever order, beside a sorted array.
struct OrderedChunksTests {
    enum Order: CaseIterable {
        case ascending, descending, random, zigzag

        func numbers(_ count: Int) -> [Int] {
            switch self {
            case .ascending: return Array(0..<count)
            case .descending: return (0..<count).reversed()
            case .random:
                var random = SeededGenerator(seed: 20)
                return (0..<count).map { _ in random.below(count / 2) }
            case .zigzag: return (0..<count).map { $0 % 2 == 0 ? $0 : count - $0 }
            }
        }
    }

    /// A number, and when it came.
    private struct Item: Equatable {
        let number: Int
        let place: Int
    }

    @Test(arguments: Order.allCases)
    func `elements stand in their order, and equal ones as they came`(order: Order) {
        var chunks = OrderedChunks<Item>()
        var sorted: [Item] = []
        for (place, number) in order.numbers(3_000).enumerated() {
            let item = Item(number: number, place: place)
            let index = sorted.firstIndex { number < $0.number } ?? sorted.count
            let before = index > 0 ? sorted[index - 1] : nil
            let after = index < sorted.count ? sorted[index] : nil
            let looked = chunks.neighbours { number < $0.number }
            #expect(looked.previous == before && looked.next == after)
            let beside = chunks.insert(item) { number < $0.number }
            #expect(beside.previous == before && beside.next == after)
            sorted.insert(item, at: index)
        }
        #expect(chunks.count == sorted.count)
        #expect(Array(chunks.chunks.joined()) == sorted)
        #expect(Array(OrderedChunks(ordered: sorted).chunks.joined()) == sorted)
        for number in [-1, 0, 700, 1_499, 9_999] {
            var behind: [Item] = []
            chunks.forEach(behind: { number < $0.number }) { behind.append($0) }
            #expect(behind == sorted.filter { number < $0.number })
        }
    }

    @Test(arguments: Order.allCases)
    func `one more moves a chunk at most, however many there are`(order: Order) {
        let count = 200_000
        let countMax = OrderedChunks<Int>.chunkCountMax
        var chunks = OrderedChunks<Int>()
        var comparedCount = 0
        for number in order.numbers(count) {
            chunks.insert(number) { other in
                comparedCount += 1
                return number < other
            }
        }
        #expect(chunks.count == count)
        // What is moved for one element is its chunk, and now and then the list of them.
        #expect(chunks.chunks.allSatisfy { $0.count <= countMax && !$0.isEmpty })
        #expect(chunks.chunks.count <= 2 * count / countMax + 2)
        #expect(comparedCount <= count * 20)
    }
}
