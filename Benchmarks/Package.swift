// swift-tools-version: 6.2

import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

// A package of its own, so that users of Cairn never resolve or build the peers it is measured
// against. Only a root package may pass compiler flags; nothing depends on this one.
let package = Package(
    name: "cairn-benchmarks",
    products: [
        .executable(name: "CairnBenchmarks", targets: ["CairnBenchmarks"]),
        // To be preloaded into a PostgreSQL server.
        .library(name: "SlowFlushes", type: .dynamic, targets: ["SlowFlushes"]),
    ],
    dependencies: [
        .package(name: "cairn", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        // Its traits would replace the allocator and the reference counting that are measured.
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
    ],
    targets: [
        .target(
            name: "CBaselines",
            cSettings: [.unsafeFlags(["-O3", "-Wall", "-Wextra", "-Werror"])],
            linkerSettings: [
                .linkedLibrary("dl"), .linkedLibrary("lmdb"), .linkedLibrary("pthread"),
                .linkedLibrary("sqlite3"),
            ]
        ),
        .target(
            name: "SlowFlushes",
            cSettings: [.unsafeFlags(["-O3", "-Wall", "-Wextra", "-Werror"])]
        ),
        .executableTarget(
            name: "CairnBenchmarks",
            dependencies: [
                "CBaselines",
                "SlowFlushes",
                .product(name: "Cairn", package: "cairn"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        // Its command takes the executables whose folder stands in one that is called Benchmarks.
        .executableTarget(
            name: "HotLoops",
            dependencies: [
                "CBaselines",
                .product(name: "Benchmark", package: "benchmark"),
                .product(name: "Cairn", package: "cairn"),
                .product(name: "CairnTesting", package: "cairn"),
            ],
            path: "Sources/Benchmarks/HotLoops",
            swiftSettings: strict
        ),
    ]
)
