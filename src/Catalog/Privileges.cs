namespace Chitin.Catalog;

/// <summary>Privileges on objects, one bit each (SECURITY-SPEC 4.1; the bit positions are stored: append, never reuse).</summary>
[Flags]
public enum Privilege : ulong
{
    None = 0,

    /// <summary>GRANT ALL, stored as this one bit: whatever is valid for the object, also what later versions add. Ask the gate, never this bit.</summary>
    All = 1UL << 1,
    Create = 1UL << 2,
    Drop = 1UL << 3,
    Select = 1UL << 5,
    Insert = 1UL << 6,
    Delete = 1UL << 7,
    Update = 1UL << 8,
    Usage = 1UL << 9,
    ZoneConfig = 1UL << 10,
    Connect = 1UL << 11,
    ModifyClusterSetting = 1UL << 13,
    ExternalConnection = 1UL << 14,
    ViewActivity = 1UL << 15,
    ViewActivityRedacted = 1UL << 16,
    ViewClusterSetting = 1UL << 17,
    CancelQuery = 1UL << 18,
    NoSqlLogin = 1UL << 19,
    Execute = 1UL << 20,
    ViewClusterMetadata = 1UL << 21,
    ViewDebug = 1UL << 22,
    Backup = 1UL << 23,
    Restore = 1UL << 24,
    ExternalIoImplicitAccess = 1UL << 25,
    Changefeed = 1UL << 26,
    ViewJob = 1UL << 27,
    ModifySqlClusterSetting = 1UL << 28,
    Replication = 1UL << 29,
    ViewSystemTable = 1UL << 31,
    CreateRole = 1UL << 32,
    CreateLogin = 1UL << 33,
    CreateDb = 1UL << 34,
    ControlJob = 1UL << 35,
    RepairCluster = 1UL << 36,
    Trigger = 1UL << 37,
    References = 1UL << 38,
    Truncate = 1UL << 39,
    Temporary = 1UL << 40,
    Maintain = 1UL << 41,
    BypassRls = 1UL << 42,
}

/// <summary>What one grantee holds on one object, as granted by one grantor.</summary>
public sealed record AclEntry(uint Grantee, Privilege Privileges, Privilege GrantOptions, uint Grantor);

/// <summary>Well-known roles (SECURITY-SPEC 3.1). Others get ids from 100.</summary>
public static class RoleIds
{
    public const uint None = 0;
    public const uint Root = 1;
    public const uint Admin = 2;
    public const uint Node = 3;
    public const uint Public = 4;
    public const uint FirstNormal = 100;
}
