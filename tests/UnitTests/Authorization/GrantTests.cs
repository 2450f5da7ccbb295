using Chitin.Catalog;
using Chitin.Core;
using Chitin.Security.Authorization;
using Chitin.UnitTests.Binding;

namespace Chitin.UnitTests.Authorization;

/// <summary>GRANT and REVOKE on lists of entries, and who may (SECURITY-SPEC 4.3).</summary>
public sealed class GrantTests
{
    private const uint Owner = FakeCatalog.Owner;
    private const uint Alice = FakeCatalog.Alice;
    private const uint Bob = 103;
    private const uint Carl = 104;

    private readonly FakeCatalog _catalog = new();
    private readonly Gate _gate = new();

    public GrantTests()
    {
        _catalog.Add(new RoleDescriptor { Id = Bob, Name = "bob" });
        _catalog.Add(new RoleDescriptor { Id = Carl, Name = "carl" });
    }

    [Fact]
    public void WhoHoldsNothingIsDenied()
    {
        var error = Refused(_catalog.T, Privilege.Select, isGrant: true);
        Assert.Equal((SqlState.InsufficientPrivilege, "user alice has no privileges on relation t"), (error.State, error.Message));
        Assert.Equal(SqlState.InsufficientPrivilege, Refused(_catalog.T, Privilege.Select, isGrant: false).State);
        Assert.Equal(SqlState.InsufficientPrivilege, Assert.Throws<SqlException>(() =>
            AclOperations.RequireGrantOption(_catalog.T, [1], Privilege.Select, true, Alice, "alice", _gate, _catalog)).State);
    }

    [Fact]
    public void APrivilegeIsNoGrantOption()
    {
        var table = With(Grant([], Privilege.Select, Alice));
        Assert.Equal((SqlState.PrivilegeNotGranted, "user alice missing WITH GRANT OPTION privilege on SELECT"), Text(Refused(table, Privilege.Select, isGrant: true)));
        Assert.Equal((SqlState.PrivilegeNotRevoked, "user alice missing WITH GRANT OPTION privilege on one or more of INSERT, SELECT"), Text(Refused(table, Privilege.Select | Privilege.Insert, isGrant: false)));
        Assert.Equal((SqlState.PrivilegeNotGranted, "user alice missing WITH GRANT OPTION privilege on ALL"), Text(Refused(table, Privilege.All, isGrant: true)));
    }

    [Fact]
    public void TheGrantOptionComesWithTheGrantTheOwnerAndTheRolesAbove()
    {
        var table = With(Grant([], Privilege.Select, Alice, withGrantOption: true));
        AclOperations.RequireGrantOption(table, Privilege.Select, true, Alice, "alice", _gate, _catalog);
        AclOperations.RequireGrantOption(table, Privilege.All, true, Owner, "owner", _gate, _catalog);
        AclOperations.RequireGrantOption(table, Privilege.All, true, RoleIds.Root, "root", _gate, _catalog);
        _catalog.Add(new RoleDescriptor { Id = Bob, Name = "bob", MemberOf = [new RoleMembership(Alice, false, RoleIds.Root)] });
        AclOperations.RequireGrantOption(table, Privilege.Select, true, Bob, "bob", new Gate(), _catalog);
        Assert.Equal(Alice, AclOperations.GrantorFor(Bob, table, new Gate(), _catalog));
    }

    [Fact]
    public void PublicGetsNoGrantOption() =>
        Assert.Equal(SqlState.InvalidGrantOperation, Assert.Throws<SqlException>(() => Grant([], Privilege.Select, RoleIds.Public, withGrantOption: true)).State);

    [Fact]
    public void AllIsOneBitThatSplits()
    {
        var acl = Grant(Grant([], Privilege.Select, Alice), Privilege.All, Alice);
        Assert.Equal(Privilege.All, acl.Single().Privileges);
        acl = Revoke(acl, Privilege.Insert, Alice);
        var left = acl.Single().Privileges;
        Assert.Equal(Privilege.None, left & (Privilege.All | Privilege.Insert));
        Assert.Equal(PrivilegeNames.Valid(ObjectKind.Table) & ~Privilege.Insert, left);
        Assert.Empty(Revoke(acl, Privilege.All, Alice));
    }

    [Fact]
    public void RevokingTheGrantOptionLeavesThePrivilege()
    {
        var acl = Revoke(Grant([], Privilege.Select | Privilege.Update, Alice, withGrantOption: true), Privilege.Select, Alice, grantOptionOnly: true);
        Assert.Equal(new AclEntry(Alice, Privilege.Select | Privilege.Update, Privilege.Update, Owner), acl.Single());
    }

    [Fact]
    public void WhatWasPassedOnGoesWithCascadeOnly()
    {
        var acl = Grant([], Privilege.Select, Alice, withGrantOption: true);
        acl = AclOperations.Grant(acl, ObjectKind.Table, Privilege.Select, [Bob], Alice, withGrantOption: true);
        acl = AclOperations.Grant(acl, ObjectKind.Table, Privilege.Select, [Carl], Bob, withGrantOption: false);
        Assert.Equal(SqlState.DependentObjectsStillExist, Assert.Throws<SqlException>(() => Revoke(acl, Privilege.Select, Alice)).State);
        Assert.Equal(SqlState.DependentObjectsStillExist, Assert.Throws<SqlException>(() => Revoke(acl, Privilege.Select, Alice, grantOptionOnly: true)).State);
        Assert.Empty(Revoke(acl, Privilege.Select, Alice, cascade: true));
        Assert.Equal(Alice, Revoke(acl, Privilege.Select, Alice, grantOptionOnly: true, cascade: true).Single().Grantee);
    }

    [Fact]
    public void ASecondGrantorKeepsWhatWasPassedOn()
    {
        var acl = Grant([], Privilege.Select, Alice, withGrantOption: true);
        acl = AclOperations.Grant(acl, ObjectKind.Table, Privilege.Select, [Bob], Owner, withGrantOption: true);
        acl = AclOperations.Grant(acl, ObjectKind.Table, Privilege.Select, [Bob], Alice, withGrantOption: false);
        acl = AclOperations.Grant(acl, ObjectKind.Table, Privilege.Select, [Carl], Bob, withGrantOption: false);
        var left = AclOperations.Revoke(acl, ObjectKind.Table, Privilege.Select, [Bob], Alice, Owner, ofAllGrantors: false, grantOptionOnly: false, cascade: false);
        Assert.Equal([(Alice, Owner), (Bob, Owner), (Carl, Bob)], left.Select(e => (e.Grantee, e.Grantor)));
    }

    [Theory]
    [InlineData("SELECT", ObjectKind.Database, "0LP01")]
    [InlineData("USAGE", ObjectKind.Table, "0LP01")]
    [InlineData("CONNECT", ObjectKind.Schema, "0LP01")]
    [InlineData("INSERT", ObjectKind.Type, "0LP01")]
    [InlineData("FLY", ObjectKind.Table, "42601")]
    public void PrivilegesFitTheirObject(string word, ObjectKind kind, string state) =>
        Assert.Equal(state, Assert.Throws<SqlException>(() => PrivilegeNames.RequireValid(word, kind)).State.Code);

    [Fact]
    public void WhoMayChangeSettingsMaySeeThem()
    {
        _catalog.Add(new RoleDescriptor { Id = Alice, Name = "alice", Acl = [new AclEntry(Alice, Privilege.ModifyClusterSetting, Privilege.None, RoleIds.Admin)] });
        _catalog.Add(new RoleDescriptor { Id = Bob, Name = "bob", Options = RoleOptions.ViewClusterSetting });
        Assert.True(_gate.HasSystemPrivilege(Alice, Privilege.ViewClusterSetting, _catalog));
        Assert.True(_gate.HasSystemPrivilege(Alice, Privilege.ModifySqlClusterSetting, _catalog));
        Assert.True(_gate.HasSystemPrivilege(Bob, Privilege.ViewClusterSetting, _catalog));
        Assert.False(_gate.HasSystemPrivilege(Bob, Privilege.ModifySqlClusterSetting, _catalog));
    }

    [Fact]
    public void SystemPrivilegesAreInheritedOptionsAreNot()
    {
        _catalog.Add(new RoleDescriptor { Id = Alice, Name = "alice", Options = RoleOptions.CreateDb, Acl = [new AclEntry(Alice, Privilege.CancelQuery, Privilege.None, RoleIds.Admin)] });
        _catalog.Add(new RoleDescriptor { Id = Bob, Name = "bob", MemberOf = [new RoleMembership(Alice, false, RoleIds.Root)] });
        Assert.True(_gate.HasSystemPrivilege(Bob, Privilege.CancelQuery, _catalog));
        Assert.False(_gate.HasSystemPrivilege(Bob, Privilege.CreateDb, _catalog));
        Assert.True(_gate.HasSystemPrivilege(Alice, Privilege.CreateDb, _catalog));
    }

    private static ImmutableArray<AclEntry> Grant(ImmutableArray<AclEntry> acl, Privilege privileges, uint to, bool withGrantOption = false) =>
        AclOperations.Grant(acl, ObjectKind.Table, privileges, [to], Owner, withGrantOption);

    private static ImmutableArray<AclEntry> Revoke(ImmutableArray<AclEntry> acl, Privilege privileges, uint from, bool grantOptionOnly = false, bool cascade = false) =>
        AclOperations.Revoke(acl, ObjectKind.Table, privileges, [from], Owner, Owner, ofAllGrantors: true, grantOptionOnly, cascade);

    private static (SqlState State, string Message) Text(SqlException error) => (error.State, error.Message);

    private TableDescriptor With(ImmutableArray<AclEntry> acl) => _catalog.Add(_catalog.T with { Acl = acl });

    private SqlException Refused(Descriptor target, Privilege privileges, bool isGrant) =>
        Assert.Throws<SqlException>(() => AclOperations.RequireGrantOption(target, privileges, isGrant, Alice, "alice", _gate, _catalog));
}
