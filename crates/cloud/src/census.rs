//! Everything of a resource type that an account has, ours and others': for what is asked rarely
//! and by nobody who watches.

use emr_resource::ResourceType;

use crate::{Account, CloudError, ErrorKind, account::Has};

/// A list that has more pages than this never ends.
const PAGES: usize = 1_000;

impl Account {
    /// All of them, as the list call tells now.
    pub async fn all<R: ResourceType>(&self) -> Result<Vec<R::Observed>, CloudError>
    where
        Self: Has<R>,
    {
        let view = Has::<R>::view(self);
        let (mut all, mut cursor) = (Vec::new(), None);
        for _ in 0..PAGES {
            let page = view.page(cursor).await?;
            all.extend(page.items);
            cursor = page.next;
            if cursor.is_none() {
                return Ok(all);
            }
        }
        let endless = "the list never ends";
        Err(CloudError::new(ErrorKind::Transient, "List", endless))
    }

    /// How many there are: as the view knows while somebody looks at it, otherwise by the list
    /// call.
    pub async fn count<R: ResourceType>(&self) -> Result<usize, CloudError>
    where
        Self: Has<R>,
    {
        let view = Has::<R>::view(self);
        if view.age().is_some() {
            return Ok(view.len());
        }
        Ok(self.all::<R>().await?.len())
    }
}
