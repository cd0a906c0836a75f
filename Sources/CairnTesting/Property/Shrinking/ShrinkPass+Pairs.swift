extension ShrinkPass {
    /// Lowers a number and raises one after it by as much, as for a sum that has to stay.
    static let redistribute = ShrinkPass(
        name: "redistribute",
        positionCount: { numbers(in: $0).count * pairDistanceMax },
        run: { step, position throws(Undecided) in
            guard let (first, second) = pair(in: step.target, position) else { return }
            let target = step.target
            let (from, to) = (target.nodes[first], target.nodes[second])
            _ = try findLargest { count throws(Undecided) in
                guard let lowered = from.movedToOrigin(by: count),
                    let raised = to.moved(by: count, upwards: from.isBelowOrigin == false)
                else { return false }
                return try step.consider { choices in
                    choices = target.choices
                    choices[first] = lowered
                    choices[second] = raised
                }
            }
        }
    )

    /// Lowers two numbers by as much, as for a difference that has to stay.
    static let lowerTogether = ShrinkPass(
        name: "lower together",
        positionCount: { numbers(in: $0).count * pairDistanceMax },
        run: { step, position throws(Undecided) in
            guard let (first, second) = pair(in: step.target, position) else { return }
            let target = step.target
            let (from, to) = (target.nodes[first], target.nodes[second])
            _ = try findLargest { count throws(Undecided) in
                guard let lowered = from.movedToOrigin(by: count),
                    let moved = to.moved(by: count, upwards: from.isBelowOrigin)
                else { return false }
                return try step.consider { choices in
                    choices = target.choices
                    choices[first] = lowered
                    choices[second] = moved
                }
            }
        }
    )

    /// How far apart two numbers may stand, in numbers; every pair would be too many.
    private static let pairDistanceMax = 6

    /// The places that have a choice of number.
    private static func numbers(in record: CaseRecord) -> [Int] {
        record.nodes.indices.filter { place in
            record.nodes[place].isNumber && !record.nodes[place].domain.isForced
        }
    }

    private static func pair(in record: CaseRecord, _ position: Int) -> (Int, Int)? {
        let numbers = numbers(in: record)
        let first = position / pairDistanceMax
        let second = first + 1 + position % pairDistanceMax
        guard second < numbers.count, !record.nodes[numbers[first]].isTrivial else { return nil }
        return (numbers[first], numbers[second])
    }
}

extension ChoiceNode {
    fileprivate var isNumber: Bool { choice.kind != .bool }

    fileprivate var isBelowOrigin: Bool {
        switch domain {
        case .integer(let domain): choice.value < domain.origin
        case .float: FloatCode.double(of: choice.value) < 0
        }
    }

    /// The number nearer to the simplest one; nil where it would pass it.
    fileprivate func movedToOrigin(by count: UInt64) -> Choice? {
        switch domain {
        case .integer(let domain):
            guard UInt128(count) <= (choice.value - domain.origin).magnitude else { return nil }
        case .float:
            guard Double(count) <= FloatCode.double(of: choice.value).magnitude else { return nil }
        }
        return moved(by: count, upwards: isBelowOrigin)
    }

    /// The number further up or down; nil where there is none.
    fileprivate func moved(by count: UInt64, upwards: Bool) -> Choice? {
        switch domain {
        case .integer:
            let value = upwards ? choice.value + Int128(count) : choice.value - Int128(count)
            return domain.contains(value) ? .integer(value) : nil
        case .float:
            let old = FloatCode.double(of: choice.value)
            let value = upwards ? old + Double(count) : old - Double(count)
            // Beyond, adding one changes nothing, and lowering may be raising.
            guard old.magnitude < 9_007_199_254_740_992, value.magnitude < 9_007_199_254_740_992
            else { return nil }
            let moved = Choice.float(value)
            return domain.contains(moved.value) ? moved : nil
        }
    }
}
