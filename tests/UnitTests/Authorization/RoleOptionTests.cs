using Chitin.Catalog;
using Chitin.Core;
using Chitin.Security;
using Chitin.Security.Authorization;
using Chitin.UnitTests.Binding;

namespace Chitin.UnitTests.Authorization;

/// <summary>CREATE and ALTER ROLE: what options mean and who may set them (SECURITY-SPEC 3.2). Messages are the specification's.</summary>
public sealed class RoleOptionTests
{
    private const uint Bob = 103;
    private const uint Chief = 104;

    private readonly FakeCatalog _catalog = new();
    private readonly Gate _gate = new();

    public RoleOptionTests()
    {
        _catalog.Add(new RoleDescriptor { Id = RoleIds.Admin, Name = "admin" });
        _catalog.Add(new RoleDescriptor { Id = RoleIds.Node, Name = "node" });
        _catalog.Add(new RoleDescriptor { Id = Chief, Name = "chief", MemberOf = [new RoleMembership(RoleIds.Admin, false, RoleIds.Root)] });
    }

    [Theory]
    [InlineData("CREATEROLE", RoleOptions.CreateRole, RoleOptions.None)]
    [InlineData("NOCREATEROLE", RoleOptions.None, RoleOptions.CreateRole)]
    [InlineData("NOLOGIN CREATEDB", RoleOptions.CreateDb, RoleOptions.Login)]
    [InlineData("NOSQLLOGIN", RoleOptions.NoSqlLogin, RoleOptions.None)]
    [InlineData("SQLLOGIN", RoleOptions.None, RoleOptions.NoSqlLogin)]
    [InlineData("BYPASSRLS NOREPLICATION", RoleOptions.BypassRls, RoleOptions.Replication)]
    public void OptionsAreSetAndCleared(string words, RoleOptions set, RoleOptions clear)
    {
        var changes = Options(words);
        Assert.Equal((set, clear), (changes.Set, changes.Clear));
        Assert.Equal(set, changes.ApplyTo(clear));
    }

    [Theory]
    [InlineData("CREATEROLE CREATEROLE", "redundant role options")]
    [InlineData("NOLOGIN NOLOGIN", "redundant role options")]
    [InlineData("CREATEROLE NOCREATEROLE", "conflicting role options")]
    [InlineData("NOCONTROLJOB CONTROLJOB", "conflicting role options")]
    [InlineData("SQLLOGIN NOSQLLOGIN", "conflicting role options")]
    [InlineData("FLY", "unrecognized role option fly")]
    public void OptionsThatContradictAreRefused(string words, string message)
    {
        var error = Assert.Throws<SqlException>(() => Options(words));
        Assert.Equal((SqlState.SyntaxError, message), (error.State, error.Message));
    }

    [Fact]
    public void PasswordNullIsAPassword()
    {
        var changes = RoleOptionChanges.Parse([("PASSWORD", null, true)], _ => null);
        Assert.True(changes.SetsPassword);
        Assert.Null(changes.Password);
        Assert.DoesNotContain("s3cret", RoleOptionChanges.Parse([("PASSWORD", "s3cret", false)], _ => null).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void CreateNeedsCreateRole() => Denied("user alice does not have CREATEROLE privilege", () => Create(FakeCatalog.Alice, ""));

    [Theory]
    [InlineData("LOGIN")]
    [InlineData("CREATELOGIN")]
    [InlineData("PASSWORD")]
    [InlineData("VALID UNTIL")]
    public void WhoCreatesALoginNeedsCreateLogin(string option)
    {
        Give(RoleOptions.CreateRole);
        Denied("user alice does not have CREATELOGIN privilege", () => Create(FakeCatalog.Alice, option));
        Give(RoleOptions.CreateRole | RoleOptions.CreateLogin);
        Create(FakeCatalog.Alice, option);
    }

    [Fact]
    public void CreateWithoutLoginNeedsNoCreateLogin()
    {
        Give(RoleOptions.CreateRole);
        Create(FakeCatalog.Alice, "NOLOGIN");
        Create(FakeCatalog.Alice, "CREATEDB");
        // ALTER … NOLOGIN locks somebody out, and is not exempt.
        Denied("user alice does not have CREATELOGIN privilege", () => Alter(FakeCatalog.Alice, Role(Bob, "bob"), "NOLOGIN"));
    }

    [Theory]
    [InlineData("BYPASSRLS", "user alice does not have BYPASSRLS system privilege")]
    [InlineData("REPLICATION", "user alice does not have REPLICATION system privilege")]
    [InlineData("MODIFYCLUSTERSETTING", "user alice does not have MODIFYCLUSTERSETTING system privilege")]
    public void NobodyHandsOnWhatTheyDoNotHave(string option, string message)
    {
        Give(RoleOptions.CreateRole | RoleOptions.CreateLogin);
        Denied(message, () => Create(FakeCatalog.Alice, option));
        Create(Chief, option);
    }

    [Fact]
    public void OnlyAdminsTouchAdmins()
    {
        Give(RoleOptions.CreateRole | RoleOptions.CreateLogin);
        var chief = _catalog.Roles.Single(r => r.Id == Chief);
        Denied("only users with the admin role are allowed to alter another admin", () => Alter(FakeCatalog.Alice, chief, "CREATEDB"));
        Denied("must be superuser to drop superusers", () => RoleRules.RequireDrop(Of(FakeCatalog.Alice), chief, _gate, _catalog));
        Alter(RoleIds.Root, chief, "CREATEDB");
        RoleRules.RequireDrop(Of(RoleIds.Root), chief, _gate, _catalog);
    }

    [Theory]
    [InlineData(RoleIds.Admin, "admin", "cannot drop special role admin")]
    [InlineData(RoleIds.Public, "public", "cannot drop special role public")]
    [InlineData(RoleIds.Root, "root", "cannot drop special user root")]
    [InlineData(RoleIds.Node, "node", "cannot drop special user node")]
    public void SpecialRolesStay(uint id, string name, string message)
    {
        var error = Assert.Throws<SqlException>(() => RoleRules.RequireDrop(Of(RoleIds.Root), Role(id, name), _gate, _catalog));
        Assert.Equal((SqlState.InvalidParameterValue, message), (error.State, error.Message));
    }

    [Fact]
    public void OwnPasswordMayChangeWhereTheClusterAllowsIt()
    {
        var alice = _catalog.Roles.Single(r => r.Id == FakeCatalog.Alice);
        var changes = RoleOptionChanges.Parse([("PASSWORD", "new", false)], _ => null);
        RoleRules.RequireAlter(Of(FakeCatalog.Alice), alice, changes, ownPasswordAllowed: true, _gate, _catalog);
        Denied("user alice does not have CREATEROLE privilege", () => RoleRules.RequireAlter(Of(FakeCatalog.Alice), alice, changes, ownPasswordAllowed: false, _gate, _catalog));
        var more = RoleOptionChanges.Parse([("PASSWORD", "new", false), ("CREATEDB", null, false)], _ => null);
        Denied("user alice does not have CREATEROLE privilege", () => RoleRules.RequireAlter(Of(FakeCatalog.Alice), alice, more, ownPasswordAllowed: true, _gate, _catalog));
    }

    [Fact]
    public void MembershipHasNoLoopsAndKeepsItsAdminOption()
    {
        var bob = _catalog.Add(Role(Bob, "bob"));
        var owner = _catalog.Roles.Single(r => r.Id == FakeCatalog.Owner);
        Assert.Equal(SqlState.InvalidGrantOperation, Assert.Throws<SqlException>(() => RoleRules.AddMembership(bob, bob, false, RoleIds.Root, _catalog)).State);
        bob = _catalog.Add(RoleRules.AddMembership(owner, bob, true, RoleIds.Root, _catalog));
        Assert.Equal("making owner a member of bob would create a cycle", Assert.Throws<SqlException>(() => RoleRules.AddMembership(bob, owner, false, RoleIds.Root, _catalog)).Message);
        Assert.Same(bob, RoleRules.AddMembership(owner, bob, false, RoleIds.Root, _catalog));
        Assert.False(RoleRules.RemoveMembership(owner, bob, adminOptionOnly: true).MemberOf.Single().AdminOption);
        Assert.Empty(RoleRules.RemoveMembership(owner, bob, adminOptionOnly: false).MemberOf);
    }

    [Fact]
    public void RootStaysInAdmin() => Assert.Equal(SqlState.ObjectInUse, Assert.Throws<SqlException>(() =>
        RoleRules.RemoveMembership(_catalog.Roles.Single(r => r.Id == RoleIds.Admin), _catalog.Roles.Single(r => r.Id == RoleIds.Root), adminOptionOnly: true)).State);

    private static RoleDescriptor Role(uint id, string name) => new() { Id = id, Name = name, Options = RoleOptions.Login };

    private static RoleOptionChanges Options(string words) =>
        RoleOptionChanges.Parse(words.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(w => (w, (string?)null, false)), _ => null);

    private static void Denied(string message, Action action)
    {
        var error = Assert.Throws<SqlException>(action);
        Assert.Equal((SqlState.InsufficientPrivilege, message), (error.State, error.Message));
    }

    private Principal Of(uint id)
    {
        var name = _catalog.Roles.Single(r => r.Id == id).Name;
        return new Principal(id, name, id, name);
    }

    private void Give(RoleOptions options) => _catalog.Add(_catalog.Roles.Single(r => r.Id == FakeCatalog.Alice) with { Options = options });

    private void Create(uint by, string option) =>
        RoleRules.RequireCreate(Of(by), option.Length == 0 ? Options("") : RoleOptionChanges.Parse([(option, "x", false)], _ => null), _gate, _catalog);

    private void Alter(uint by, RoleDescriptor target, string words) => RoleRules.RequireAlter(Of(by), target, Options(words), ownPasswordAllowed: false, _gate, _catalog);
}
