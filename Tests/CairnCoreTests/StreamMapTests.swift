import CairnCore
import CairnTesting
import Testing

struct StreamMapTests {
    @Test(arguments: [1, 2, 3] as [UInt64])
    func `a map answers as a dictionary does`(seed: UInt64) {
        var generator = CairnTesting.SeededGenerator(seed: seed)
        var map = StreamMap<Int>()
        var dictionary: [StreamNumber: Int] = [:]
        var order: [StreamNumber] = []
        for step in 0..<30_000 {
            // Small numbers collide often; the large ones use every bit of the multiplication.
            let wide = generator.next()
            let number = StreamNumber(
                rawValue: seed == 3 ? wide & ~0xFFFF : UInt64(generator.below(12_000))
            )
            if dictionary[number] == nil { order.append(number) }
            map[number, default: 5] += step
            dictionary[number, default: 5] += step
            let other = StreamNumber(rawValue: UInt64(generator.below(12_000)))
            #expect(map[other] == dictionary[other])
            #expect(map[other, default: -1] == dictionary[other, default: -1])
        }
        #expect(map.count == dictionary.count)
        #expect(map.numbers == order)
        #expect(map.values == order.map { dictionary[$0] })
        for number in order {
            #expect(map.index(of: number).map { map.numbers[$0] } == number)
        }
    }

    @Test func `reading a stream that is not there makes none`() {
        let map = StreamMap<String>()
        let number = StreamNumber(rawValue: 1)
        #expect(map[number] == nil)
        #expect(map[number, default: "x"] == "x")
        #expect(map.count == 0)
    }

    @Test func `values can be exchanged in place`() {
        var map = StreamMap<Int>()
        for number in UInt64(1)...100 { map[StreamNumber(rawValue: number), default: 0] = 1 }
        map.values = Array(1...100)
        #expect(map[StreamNumber(rawValue: 42)] == 42)
    }
}
