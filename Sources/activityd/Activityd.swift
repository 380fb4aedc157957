import ActivityDaemon
import ArgumentParser

/// The program: sub-commands and nothing else.
@main
struct Activityd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "activityd",
        abstract: "Precomputed dashboards for Directus's activity log.",
        discussion: """
            Settings come from /etc/activityd/activityd.yaml, a .env file, ACTIVITYD_* variables and --set, the later \
            of which wins.

            Exit codes: 0 done, 1 failed, 64 wrong usage, 65 the schema is newer than this program or a file has a row \
            that cannot be read, 69 PostgreSQL or Redis cannot be reached, 78 the configuration, a privilege or \
            Directus's table is not as it has to be.
            """,
        version: ProgramVersion.current,
        subcommands: [
            Run.self, Migrate.self, Check.self, Config.self, Precompute.self, Top.self, Jobs.self, Alerts.self,
            Backtest.self, Token.self, ImportPgCron.self, OpenAPI.self,
        ],
    )
}
