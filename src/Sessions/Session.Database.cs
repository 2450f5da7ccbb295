using Chitin.Catalog;
using Chitin.Core;

namespace Chitin.Sessions;

/// <summary>USE: the session's database may change (CockroachDB's session variable "database"; PostgreSQL has none).</summary>
public sealed partial class Session
{
    /// <summary>
    /// Needs CONNECT, as the login does (42501). Temporary objects stay in the database that they were made in, out of reach until the session is back there. Undone when the transaction
    /// rolls back, as every SET.
    /// </summary>
    private void UseDatabase(string? name, bool local)
    {
        var target = name is null ? _identity.Database : Catalog.TryGetDatabase(name, out var found) ? found : throw new SqlException(SqlState.InvalidCatalogName, $"database \"{name}\" does not exist");
        if (target.Id != _database.Id)
        {
            if (!_host.Gate.Allows(Principal.CurrentUser, target, Privilege.Connect, false, Catalog))
            {
                throw new SqlException(SqlState.InsufficientPrivilege, $"user {Principal.CurrentUserName} does not have CONNECT privilege on database {target.Name}");
            }
        }

        Settings.Set("database", target.Name, local);
        SwitchTo(target);
    }

    /// <summary>After settings went back to what they were: the database that they name.</summary>
    private void FollowDatabase()
    {
        var name = Settings.Get("database")!;
        if (name == _database.Name)
            return;
        SwitchTo(name != _identity.Database.Name && _host.Catalog.Current.TryGetDatabase(name, out var found) ? found : _identity.Database);
    }

    private void SwitchTo(DatabaseDescriptor database)
    {
        _database = database;
        _searchPath = default;
    }
}
