import CairnTesting
import Testing

struct SeededGeneratorTests {
    @Test func `the numbers are those of SplitMix64`() {
        var generator = SeededGenerator(seed: 1_234_567)
        let numbers = (0..<5).map { _ in generator.next() }
        #expect(
            numbers == [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
                4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
            ]
        )
    }

    @Test func `draws stay in their ranges and reach their ends`() {
        var generator = SeededGenerator(seed: 3)
        let below = Set((0..<500).map { _ in generator.below(5) })
        #expect(below == [0, 1, 2, 3, 4])
        let drawn = Set((0..<500).map { _ in generator.draw(-2...2) })
        #expect(drawn == [-2, -1, 0, 1, 2])
        #expect(generator.draw(7...7) == 7)
        let wide = (0..<100).map { _ in generator.draw(.min ... .max) }
        #expect(wide.contains { $0 < 0 } && wide.contains { $0 > 0 })
    }
}
