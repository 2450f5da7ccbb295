using System.CommandLine;
using Chitin.Cli.Client;
using Chitin.Cli.Output;
using Chitin.Cryptography.Scram;
using Chitin.Security.Principals;
using Chitin.Sql.Syntax;
using Npgsql;

namespace Chitin.Cli.Commands;

/// <summary>chitin user …: users by the SQL statements that do the same.</summary>
internal static class UserCommands
{
    public static Command Create() => new("user", "Get, list, set and remove SQL users.") { Get(), List(), Set(), Remove() };

    private static Command List()
    {
        var flags = new ClientFlags();
        var format = Format();
        var command = flags.AddTo(new Command("ls", "List all users with their options and memberships.") { format });
        command.SetAction(async (result, cancellation) =>
        {
            var target = flags.Read(result);
            await using var connection = await target.OpenAsync(cancellation);
            return await new SqlShell(connection, target, result.GetValue(format) ?? ResultFormat.Table).RunTextAsync("SHOW USERS", cancellation) ? 0 : 1;
        });
        return command;
    }

    private static Command Get()
    {
        var flags = new ClientFlags();
        var name = Name();
        var format = Format();
        var command = flags.AddTo(new Command("get", "Show one user. Fails when there is none of that name.") { name, format });
        command.SetAction(async (result, cancellation) =>
        {
            var target = flags.Read(result);
            await using var connection = await target.OpenAsync(cancellation);
            var user = Checked(result.GetRequiredValue(name));
            return await new SqlShell(connection, target, result.GetValue(format) ?? ResultFormat.Table).PrintMatchingAsync("SHOW USERS", row => row[0] == user, cancellation)
                ? 0
                : throw new CommandException($"user {user} does not exist", "chitin user ls lists all");
        });
        return command;
    }

    private static Command Set()
    {
        var flags = new ClientFlags();
        var name = Name();
        var withPassword = new Option<bool>("--password") { Description = "Ask for a password, twice; from redirected input one line is read." };
        var command = flags.AddTo(new Command("set", "Create a user, or change the password of one.\n\nThe password is hashed here: the server never sees it in clear.\n\nExample: chitin user set app --password") { name, withPassword });
        command.SetAction(async (result, cancellation) =>
        {
            var user = Checked(result.GetRequiredValue(name));
            var password = result.GetValue(withPassword) ? AskPassword() : null;
            await using var connection = await flags.Read(result).OpenAsync(cancellation);
            await ExecuteAsync(connection, $"CREATE USER IF NOT EXISTS {SqlText.QuoteIdentifier(user)}", cancellation);
            if (password is not null)
                await ExecuteAsync(connection, $"ALTER USER {SqlText.QuoteIdentifier(user)} WITH PASSWORD {SqlText.QuoteLiteral(ScramVerifier.Create(password).Format())}", cancellation);
            Terminal.Line(password is null ? $"user {user} exists" : $"user {user} exists with the password given");
            return 0;
        });
        return command;
    }

    private static Command Remove()
    {
        var flags = new ClientFlags();
        var name = Name();
        var command = flags.AddTo(new Command("rm", "Remove a user who owns nothing and holds no privileges.") { name });
        command.SetAction(async (result, cancellation) =>
        {
            var user = Checked(result.GetRequiredValue(name));
            await using var connection = await flags.Read(result).OpenAsync(cancellation);
            await ExecuteAsync(connection, $"DROP USER {SqlText.QuoteIdentifier(user)}", cancellation);
            Terminal.Line($"user {user} removed");
            return 0;
        });
        return command;
    }

    private static Argument<string> Name() => new("USERNAME") { Description = "The user's name." };

    private static Option<ResultFormat?> Format() => ResultFormats.Option($"{ResultFormats.Names}. Default: table.");

    private static string Checked(string name) => RoleNames.IsValid(name) ? RoleNames.Normalize(name) : throw new CommandException($"\"{name}\" is no valid user name", "letters, digits, underscores, dashes and periods");

    private static string AskPassword()
    {
        var password = Terminal.ReadPassword("Enter password: ");
        if (password.Length == 0)
            throw new CommandException("empty passwords are not permitted");
        if (!Console.IsInputRedirected && Terminal.ReadPassword("Confirm password: ") != password)
            throw new CommandException("password mismatch");
        return password;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string statement, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(statement, connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
