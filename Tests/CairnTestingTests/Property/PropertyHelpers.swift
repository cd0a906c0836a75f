import CairnTesting

/// An error without anything to tell it by but its type.
struct Broken: Error {}

/// Looks for a failure with a seed and returns the report about it.
func report(
    seed: UInt64 = 1,
    caseCountMax: Int = 2_000,
    replaying tokens: [String] = [],
    _ body: (inout Draw) throws -> Void
) -> PropertyReport? {
    guard
        case .falsified(let report) = failure(
            seed: seed,
            caseCountMax: caseCountMax,
            replaying: tokens,
            body
        )
    else { return nil }
    return report
}

/// Looks for anything wrong with a property.
func failure(
    seed: UInt64 = 1,
    caseCountMax: Int = 2_000,
    replaying tokens: [String] = [],
    _ body: (inout Draw) throws -> Void
) -> PropertyError? {
    do {
        let settings = PropertySettings(caseCountMax: caseCountMax, seed: seed)
        try check("it holds", replaying: tokens, settings: settings, body)
        return nil
    } catch {
        return error
    }
}

/// What a generator's simplest value is for which a condition does not hold, as it prints.
func minimal<Value>(
    _ generator: Generator<Value>,
    seed: UInt64 = 1,
    where isWrong: (Value) -> Bool
) -> String? {
    report(seed: seed, caseCountMax: 20_000) { draw in
        if isWrong(try draw(generator)) { throw Broken() }
    }?.failures[0].values[0].text
}

/// Draws values of a generator in many cases.
func values<Value>(
    of generator: Generator<Value>,
    seed: UInt64 = 1,
    caseCount: Int = 500
) throws -> [Value] {
    var values: [Value] = []
    let settings = PropertySettings(caseCountMax: caseCount, seed: seed)
    try check("values are drawn", settings: settings) { values.append(try $0(generator)) }
    return values
}
